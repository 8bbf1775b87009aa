import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { versionBefore } from '../../cli/models/move.js';
import { assay, assayProcess } from './process.js';
import { csvRows, finishedToyRun, playToyRun, TOY_RUN, type ToyRun } from './toyRun.js';

describe('where a rollback leads', () => {
  const promote = (version: number) => ({ version, action: 'promote' as const });
  const rollback = (version: number) => ({ version, action: 'rollback' as const });
  const cases = [
    { name: 'to the champion before', moves: [promote(1), promote(2)], want: 1 },
    { name: 'a second one further back', moves: [promote(1), promote(2), promote(3), rollback(2)], want: 1 },
    {
      name: 'after a promotion, to what was rolled back to',
      moves: [promote(1), promote(2), rollback(1), promote(3)],
      want: 1,
    },
    { name: 'nowhere from the first', moves: [promote(1)], want: undefined },
    { name: 'nowhere where there was none', moves: [], want: undefined },
  ];
  for (const { name, moves, want } of cases) it(name, () => assert.equal(versionBefore(moves), want));
  it('to any version that was champion, if it is named', () => {
    assert.equal(versionBefore([promote(1), promote(2), promote(3)], 1), 1);
    assert.equal(versionBefore([promote(1), promote(3)], 2), undefined);
  });
});

describe('assay models, predict and serve', () => {
  let toy: ToyRun;
  before(async () => {
    toy = await finishedToyRun();
  });
  after(() => rmSync(toy.folder, { recursive: true }));
  const here = (...args: string[]) => assay(args, { cwd: toy.folder });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await here(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };

  it('list what a run registered, by its champion', async () => {
    const [model] = await json<{ name: string; version: number; aliases: string[] }[]>('models', 'list');
    assert.deepEqual([model!.name, model!.version], ['toy', 1]);
    const { stdout } = await here('models', 'list');
    assert.match(stdout, /toy@1/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('show a version by name, number and run, with its card', async () => {
    for (const wanted of ['toy', 'toy@1', TOY_RUN]) {
      const { version } = await json<{ version: number }>('models', 'show', wanted);
      assert.equal(version, 1, wanted);
    }
    const { stdout } = await here('models', 'card', 'toy@1');
    assert.match(stdout, /^# Model card: toy@1\n\n## Intended use/);
  });

  it('move aliases with a reason, and tell the history', async () => {
    const first = await here(
      'models',
      'promote',
      'toy@1',
      '--alias',
      'canary',
      '--why',
      'a try',
      '--by',
      'ann',
    );
    assert.equal(first.code, 0, first.stderr);
    const again = await here('models', 'promote', 'toy@1', '--alias', 'canary', '--why', 'again');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /toy@1 is canary already, by ann/);
    const moves = await json<{ alias: string; why: string; by: string }[]>('models', 'history', 'toy');
    assert.ok(moves.some(({ alias, why, by }) => alias === 'canary' && why === 'a try' && by === 'ann'));
    const back = await here('models', 'rollback', 'toy', '--alias', 'canary', '--why', 'x');
    assert.equal(back.code, 6);
    assert.match(back.stderr, /nothing was canary of toy before/);
  });

  const wrong = [
    { args: ['models', 'show', 'tyo'], code: 6, says: /"tyo"; did you mean "toy"\?/ },
    { args: ['models', 'show', 'toy@9'], code: 6, says: /there is no toy@9; toy has version 1/ },
    { args: ['models', 'promote', 'toy@1'], code: 2, says: /--why/ },
    { args: ['predict', 'toy@1', 'gone.csv'], code: 1, says: /gone\.csv/ },
    {
      args: ['serve', 'toy@1', '--host', '0.0.0.0'],
      code: 2,
      says: /others could ask without a key; set ASSAY_API_KEYS/,
    },
    { args: ['serve', 'toy@1', '--with', 'toy'], code: 2, says: /--with toy: expected MODEL=WEIGHT/ },
    {
      args: ['predict', 'toy', 'toy.csv', '--with', 'toy@1'],
      code: 2,
      says: /--with toy@1: expected MODEL=WEIGHT/,
    },
    { args: ['predict', 'toy', 'toy.csv', '--with', 'tyo=1'], code: 6, says: /"tyo"; did you mean "toy"\?/ },
    {
      args: ['predict', 'toy', 'toy.csv', '--weight', '-1'],
      code: 2,
      says: /--weight: expected a number of at least 0/,
    },
    {
      args: ['predict', 'toy', 'toy.csv', '--weight', '0', '--with', 'toy@1=0'],
      code: 2,
      says: /expected a model with weight, all weigh 0/,
    },
  ];
  for (const { args, code, says } of wrong) {
    it(`${args.join(' ')} ends with ${code} and says why`, async () => {
      const said = await here(...args);
      assert.equal(said.code, code, said.stdout + said.stderr);
      assert.match(said.stderr, says);
    });
  }

  it('predict a table: what the run was tested on, mostly right', async () => {
    const done = await json<{
      predicted: number;
      quarantined: number;
      out: string;
      judged: { known: number; right: number };
    }>('predict', 'toy@1', 'toy.csv');
    assert.ok(done.predicted > 590 && done.quarantined === 0);
    assert.ok(done.judged.right / done.judged.known > 0.6);
    const [header, ...rows] = readFileSync(done.out, 'utf8').trimEnd().split('\n');
    assert.match(header!, /^id,text,label,split,label_verified_at,prediction,probability$/);
    assert.equal(rows.length, done.predicted);
    const again = await here('predict', 'toy@1', 'toy.csv');
    assert.match(again.stderr, /is there already/);
  });

  it('name a column that the table lacks', async () => {
    writeFileSync(join(toy.folder, 'other.csv'), 'id,txt\n1,hello\n');
    const { code, stderr } = await here('predict', 'toy@1', 'other.csv');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /toy@1 reads the column "text", which the file lacks; it has id, txt; did you mean "txt"/,
    );
  });

  async function served(...args: string[]) {
    const child = assayProcess(['serve', ...args, '--port', '0', '--json'], { cwd: toy.folder });
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /"address": "(.*)"/.exec(said)?.[1];
        if (found) resolve(found);
      });
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.once('close', () => reject(new Error(said)));
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      assert.equal(await ended, 0, said);
    };
    return { address, stop };
  }

  it('serve until a polite kill, and answer meanwhile', async () => {
    const { address, stop } = await served('toy@1');
    const response = await fetch(`${address}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ row: { text: 'topic1word1 topic1word2 topic1word3' } }),
    });
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { label: string }).label, 'topic1');
    await stop();
  });

  it('answer a file with several models as they answer over HTTP: by the weighted mean', async () => {
    const other = { model: { name: 'linear', C: 0.1 }, seed: 7, loop: { maxRounds: 0, strengths: [0.1] } };
    await playToyRun(toy, 'train/toy/20261124-101203', other);
    const predicted = async (name: string, ...args: string[]) => {
      await json('predict', ...args, 'toy.csv', '--probabilities', '--out', name);
      return csvRows(join(toy.folder, name));
    };
    const one = await predicted('one.csv', 'toy@1');
    const two = await predicted('two.csv', 'toy@2');
    const shares = ['--weight', '0.7', '--with', 'toy@2=0.3'];
    const both = await predicted('both.csv', 'toy@1', ...shares);
    const of = (row: Record<string, string>, topic: number): number => Number(row[`p(topic${topic})`]);
    assert.ok(
      one.some((row, i) => Math.abs(of(row, 0) - of(two[i]!, 0)) > 0.05),
      'the two models differ',
    );
    both.forEach((row, i) => {
      for (const topic of [0, 1, 2]) {
        const mean = 0.7 * of(one[i]!, topic) + 0.3 * of(two[i]!, topic);
        assert.ok(Math.abs(of(row, topic) - mean) < 1e-12, `${of(row, topic)}, not ${mean}`);
      }
    });
    const { address, stop } = await served('toy@1', ...shares);
    const response = await fetch(`${address}/v1/predict/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: both.slice(0, 50).map(({ text }) => ({ text })) }),
    });
    const { model, answers } = (await response.json()) as {
      model: string;
      answers: { label: string; probability: number }[];
    };
    assert.equal(model, '0.7×toy@1 + 0.3×toy@2');
    assert.deepEqual(
      answers.map(({ label, probability }) => [label, String(probability)]),
      both.slice(0, 50).map(({ prediction, probability }) => [prediction, probability]),
    );
    await stop();
  });
});

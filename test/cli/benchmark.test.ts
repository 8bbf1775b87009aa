import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Leaderboard } from '../../contracts/benchmark.js';
import { seeded } from '../../core/random.js';
import { assay } from './process.js';

/** 120 points; the class is the sign of the first number. */
function points(): string {
  const random = seeded(8);
  const lines = Array.from({ length: 120 }, () => {
    const x = random.normal();
    return `${x.toFixed(3)},${random.normal().toFixed(3)},${x > 0 ? 'plus' : 'minus'}`;
  });
  return `x,y,sign\n${lines.join('\n')}\n`;
}

describe('assay benchmark', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-benchmark-test-'));
    file = join(folder, 'points.csv');
    writeFileSync(file, points());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const here = (...args: string[]) =>
    assay(['benchmark', ...args], { env: { ASSAY_DIRECTORY: join(folder, '.assay') } });
  const small = ['--size', '60/20/40', '--seeds', '1', '--learner', 'logistic'];

  it('judges estimators on a table of one’s own, in this process, and writes all four files', async () => {
    const out = join(folder, 'board');
    const { code, stdout, stderr } = await here(
      ...['--table', file, '--target', 'sign', '--local', ...small],
      ...['--estimators', 'self_confidence,random', '--out', out, '--json'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /columns by their content: target: sign; numeric: x, y/);
    const { leaderboard, files } = JSON.parse(stdout) as { leaderboard: unknown; files: string[] };
    const board = Leaderboard.parse(leaderboard);
    assert.deepEqual(
      board.standings.map(({ estimator }) => estimator),
      ['self_confidence', 'random'],
    );
    assert.deepEqual(
      files.map((path) => path.slice(out.length + 1)),
      ['leaderboard.html', 'leaderboard.md', 'leaderboard.json', 'cells.parquet'],
    );
    assert.deepEqual(Leaderboard.parse(JSON.parse(readFileSync(files[2]!, 'utf8'))), board);
    assert.match(readFileSync(files[1]!, 'utf8'), /^# Leaderboard: points\n/);
    assert.equal(readFileSync(files[3]!).subarray(0, 4).toString(), 'PAR1');
  });

  const refusals = [
    {
      name: 'an estimator that is not there',
      args: ['--estimators', 'pvi,data_oop'],
      says: /did you mean "data_oob"/,
    },
    {
      name: 'an estimator that needs groups',
      args: ['--estimators', 'query_pvi'],
      says: /query_pvi needs groups, which no trial has/,
    },
    { name: 'a noise of unknown kind', args: ['--noise', 'white:0.1'], says: /KIND one of uniform, pair/ },
    { name: 'a noise without a rate', args: ['--noise', 'uniform'], says: /expected KIND:RATE/ },
    { name: 'a size of two sides', args: ['--size', '100/20'], says: /expected TRAIN\/VALIDATION\/TEST/ },
    { name: 'no seeds', args: ['--seeds', '0'], says: /--seeds: expected a whole number of at least 1/ },
    { name: 'a learner that is not there', args: ['--learner', 'mlp'], says: /expected auto \| logistic/ },
    { name: 'a set that is not built in', args: ['--data', 'frieds'], says: /did you mean "fried"/ },
    {
      name: 'a folder for results that nobody waits for',
      args: ['--out', 'board'],
      says: /add --watch or --local/,
      onServer: true,
    },
  ];
  for (const { name, args, says, onServer } of refusals) {
    it(`refuses ${name} and says what is known`, async () => {
      const spoken = await here(...args, ...(onServer ? [] : ['--local']));
      assert.equal(spoken.code, 2, spoken.stderr);
      assert.match(spoken.stderr, says);
    });
  }

  it('refuses a table with too few rows, and says which size would do', async () => {
    const { code, stderr } = await here('--table', file, '--target', 'sign', '--local', '--seeds', '1');
    assert.notEqual(code, 0);
    assert.match(stderr, /points: a trial takes 1000 .* found 120 .*--size 75\/7\/37/);
  });

  it('needs a server where it is not local', async () => {
    const { code, stderr } = await here('--table', file, '--target', 'sign', ...small);
    assert.equal(code, 3);
    assert.match(stderr, /no Temporal server answers/);
  });
});

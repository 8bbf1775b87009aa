import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openLiveView } from '../../cli/live.js';
import { openTerminal } from '../../cli/terminal.js';
import type { RunStatus } from '../../contracts/run.js';
import { assay, assayProcess } from './process.js';

const WORDS = ['refund money back', 'parcel is late', 'password reset mail'];
const ROWS = Array.from({ length: 90 }, (_, i) => `t${i},"${WORDS[i % 3]} number ${i}",intent ${i % 3}`);

/** What something writes to stdout and stderr of this process. */
function written(t: { after(work: () => void): void }, work: () => void): string {
  const streams = [process.stdout, process.stderr] as const;
  const kept = streams.map(({ write }) => write);
  const restore = (): void => streams.forEach((stream, i) => (stream.write = kept[i]!));
  t.after(restore);
  let text = '';
  for (const stream of streams) stream.write = (chunk) => ((text += String(chunk)), true);
  work();
  restore();
  return text;
}

describe('--quiet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-quiet-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'tickets.csv'), `id,body,intent\n${ROWS.join('\n')}\n`);
  const here = (...args: string[]) => assay(args, { cwd: folder });

  const streams = [
    { name: 'keeps results and complaints', options: { quiet: true }, want: 'result\ncomplaint\n' },
    {
      name: 'is off unless asked for',
      options: {},
      want: 'result\nprogress\nhint\ncomplaint\n',
    },
    {
      name: 'keeps the document of --json, without the lines that go to stderr beside it',
      options: { quiet: true, json: true },
      want: '{}\ncomplaint\n',
    },
  ];
  for (const { name, options, want } of streams) {
    it(name, (t) => {
      const terminal = openTerminal(options);
      const text = written(t, () => {
        terminal.json({});
        terminal.line('result');
        terminal.aside('progress');
        terminal.note('hint');
        terminal.complain('complaint');
      });
      assert.equal(text, want);
    });
  }

  it('shows no stage of a run, nor what it waits for', (t) => {
    const status: RunStatus = {
      ...{ state: 'running', stage: 'clean', round: 0, warnings: [] },
      stages: [{ path: 'clean', state: 'done', attempts: 1, figures: {} }],
    } as unknown as RunStatus;
    const show = (quiet: boolean): string =>
      written(t, () => {
        const view = openLiveView(openTerminal({ quiet }));
        view.update(status, 0);
        view.say('waiting for a worker');
        view.stop();
      });
    assert.equal(show(true), '');
    assert.match(show(false), /✓ clean[\s\S]*waiting for a worker/);
  });

  it('leaves of init one line', async () => {
    const { code, stdout, stderr } = await here('init', 'tickets.csv', '--target', 'intent', '-q');
    assert.deepEqual([code, stdout, stderr], [0, 'assay.yaml is written\n', '']);
  });

  it('leaves of score what it found, without the guess that it went by', async () => {
    const [loud, quiet] = [
      await here('score', 'tickets.csv', '--target', 'intent'),
      await here('score', 'tickets.csv', '--target', 'intent', '--quiet'),
    ];
    assert.match(loud.stderr, /columns by their content: target: intent/);
    assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
    assert.equal(quiet.stdout, loud.stdout);
  });

  it('says what went wrong, with the exit code', async () => {
    const { code, stdout, stderr } = await here('runs', '-q');
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^error no Temporal server answers[\s\S]*next:\n {2}assay dev/);
  });

  it('is understood by the commands of a command, and completed', async () => {
    assert.equal((await here('schedule', 'list', '--quiet')).code, 3);
    assert.match((await here('completion', 'bash')).stdout, /artifacts\) words="[^"]*--quiet/);
  });
});

describe('colours', () => {
  const cases: { name: string; args?: string[]; env: NodeJS.ProcessEnv; want: boolean }[] = [
    { name: 'none where stdout is no terminal', env: { NO_COLOR: undefined, CI: undefined }, want: false },
    { name: 'with FORCE_COLOR', env: { NO_COLOR: undefined, FORCE_COLOR: '1' }, want: true },
    { name: 'none with NO_COLOR', env: { NO_COLOR: '1' }, want: false },
    {
      name: 'none with NO_COLOR, even with FORCE_COLOR',
      env: { NO_COLOR: '1', FORCE_COLOR: '1' },
      want: false,
    },
    {
      name: 'none in JSON, even with FORCE_COLOR',
      args: ['--json'],
      env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
      want: false,
    },
  ];
  for (const { name, args = [], env, want } of cases) {
    it(name, async () => {
      const child = assayProcess(['runs', ...args], { env });
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      assert.match(text, /error/);
      assert.equal(text.includes('\u001b['), want, JSON.stringify(text));
    });
  }
});

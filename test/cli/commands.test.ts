import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Command } from 'commander';
import { withCommon } from '../../cli/command.js';
import { commandList } from '../../cli/commandList.js';
import { columnsOf } from '../../core/text/columns.js';
import { assay, assayProcess } from './process.js';

const CONFIG = `name: shop
dataset:
  source: items.csv
  columns: { target: category, text: [title] }
`;

for (const { name, load } of commandList) {
  it(`${name} --help shows options, --json, --quiet and an example`, async () => {
    const command = withCommon(new Command(name));
    (await load()).define(command);
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.match(help, /--json/);
    assert.match(help, /-q, --quiet/);
    assert.match(help, new RegExp(`Examples:\\n {2}\\$ assay ${name}`));
  });
}

describe('assay', { concurrency: 2 }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-cli-'));
    writeFileSync(join(folder, 'assay.yaml'), CONFIG);
    writeFileSync(join(folder, 'bad.yaml'), `${CONFIG}loop: { alpha: 3 }\nclaen: {}\n`);
    const items = Array.from(
      { length: 60 },
      (_, i) => `i${i},red ${i % 2 ? 'shirt' : 'lamp'} ${i},${i % 2 ? 'clothes' : 'light'}`,
    );
    writeFileSync(join(folder, 'items.csv'), `id,title,category\n${items.join('\n')}\n`);
    mkdirSync(join(folder, '.assay', 'logs'), { recursive: true });
    const lines = [
      {
        level: 'info',
        time: '2026-11-24T09:00:00Z',
        runId: 'train/shop/20261124-090000',
        path: 'clean',
        msg: 'stage done',
      },
      {
        level: 'error',
        time: '2026-11-24T09:00:01Z',
        runId: 'train/shop/20261124-090000',
        path: 'loop.1.fit.clip.full',
        msg: 'stage\u001b[2J failed',
      },
      {
        level: 'info',
        time: '2026-11-24T09:00:02Z',
        runId: 'train/other/20261124-090000',
        path: 'clean',
        msg: 'stage done',
      },
    ];
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"level":"info","ti`;
    writeFileSync(join(folder, '.assay', 'logs', 'worker-2026-11-24.jsonl'), text);
  });
  after(() => rmSync(folder, { recursive: true }));
  const here = (...args: string[]) => assay(args, { cwd: folder });

  it('lists every command, how to start, and the exit codes', async () => {
    const { code, stdout } = await here('--help');
    assert.equal(code, 0);
    const inOneLine = stdout.replace(/\s+/g, ' ');
    for (const { name, summary } of commandList) assert.ok(inOneLine.includes(` ${name} ${summary} `), name);
    assert.match(stdout, /assay demo {2,}see the whole thing/);
    assert.match(stdout, /Exit codes:/);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = assayProcess(['doctor'], { cwd: folder });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    assert.equal(stderr, '');
  });

  it('shows the help of one command', async () => {
    const { code, stdout } = await here('retry', '--help');
    assert.equal(code, 0);
    assert.match(stdout, /--set <path=value>/);
  });

  it('says which command was probably meant', async () => {
    const { code, stderr } = await here('wacth');
    assert.equal(code, 2);
    assert.match(stderr, /there is no command "wacth"; did you mean "watch"\?/);
  });

  const USAGE: { name: string; args: string[]; says: RegExp }[] = [
    { name: 'an option that is not there', args: ['runs', '--statu', 'x'], says: /unknown option '--statu'/ },
    { name: 'an argument that is missing', args: ['run'], says: /missing required argument 'file'/ },
    { name: 'a number that is none', args: ['runs', '--limit', 'many'], says: /expected a whole number/ },
    {
      name: 'a state that no run has',
      args: ['runs', '--status', 'done'],
      says: /expected running \| blocked/,
    },
    {
      name: 'a limit for a queue that no worker has',
      args: ['worker', '--concurrency', 'tpu=2'],
      says: /found "tpu=2", expected a number, or cpu=8,gpu=1/,
    },
    {
      name: 'a role that no worker has',
      args: ['worker', '--role', 'tpu'],
      says: /found "tpu", expected some of workflow/,
    },
    { name: 'a share above one', args: ['demo', '--noise', '2'], says: /expected a share ≥ 0 and < 1/ },
    { name: 'a data set that is not built in', args: ['demo', '--data', 'banking7'], says: /banking77/ },
    { name: 'a port out of range', args: ['dev', '--port', '99999'], says: /expected a port/ },
    {
      name: 'a log level that is not there',
      args: ['logs', '--level', 'loud'],
      says: /expected debug \| info/,
    },
    {
      name: 'a config that is not there',
      args: ['run', 'asay.yaml'],
      says: /there is no file asay\.yaml; did you mean "assay\.yaml"\?/,
    },
    { name: 'a folder instead of a config', args: ['run', '.'], says: /is a folder, expected a file/ },
    {
      name: 'an override that no setting has',
      args: ['run', 'assay.yaml', '--set', 'loop.rounds=1'],
      says: /--set loop\.rounds: unknown key/,
    },
  ];
  for (const { name, args, says } of USAGE) {
    it(`refuses ${name} with exit code 2 and no stack`, async () => {
      const { code, stdout, stderr } = await here(...args);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.equal(stdout, '');
      assert.equal(code, 2);
    });
  }

  it('names every mistake of a config with its place', async () => {
    const { code, stderr } = await here('run', 'bad.yaml');
    assert.equal(code, 2);
    assert.match(stderr, /bad\.yaml:6:1 claen: unknown key; did you mean "clean"\?/);
    assert.match(stderr, /bad\.yaml:5:16 loop\.alpha: found 3, expected a number > 0 and < 1/);
  });

  it('tells the mistakes of a config to scripts as JSON', async () => {
    const { stdout, stderr } = await here('run', 'bad.yaml', '--json');
    assert.equal(stdout, '');
    const { error } = JSON.parse(stderr) as {
      error: { name: string; exitCode: number; issues: { where: string }[] };
    };
    assert.equal(error.name, 'ConfigError');
    assert.equal(error.exitCode, 2);
    assert.deepEqual(error.issues.map(({ where }) => where).sort(), ['bad.yaml:5:16', 'bad.yaml:6:1']);
  });

  for (const args of [['run', 'assay.yaml'], ['watch', 'shop'], ['retry', 'shop'], ['worker'], ['report']]) {
    it(`${args[0] ?? ''} without a server offers assay dev, exit code 3`, async () => {
      const { code, stderr } = await here(...args);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /no Temporal server answers at 127\.0\.0\.1:1/);
      assert.match(stderr, /next:\n {2}assay dev/);
    });
  }

  it('tells scripts that there is no server, as JSON on stderr', async () => {
    const { code, stdout, stderr } = await here('runs', '--json');
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.equal((JSON.parse(stderr) as { error: { exitCode: number } }).error.exitCode, 3);
  });

  it('shows where an error happened only under --verbose', async () => {
    const { stderr } = await here('runs', '--verbose');
    assert.match(stderr, /\n\s+at /);
  });

  it('filters logs by run and stage, and passes over a half-written line', async () => {
    const { stdout } = await here('logs', 'shop', '--stage', 'loop.1', '--json');
    assert.deepEqual(
      (JSON.parse(stdout) as { path: string }[]).map(({ path }) => path),
      ['loop.1.fit.clip.full'],
    );
  });

  it('lets no log line move the cursor', async () => {
    const { stdout } = await here('logs', '--level', 'error');
    assert.match(stdout, /stage�\[2J failed/);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('doctor looks at everything and says how to mend what is missing', async () => {
    const { stdout } = await here('doctor', '--json');
    const findings = JSON.parse(stdout) as { name: string; state: string; mend?: string }[];
    const names = findings.map(({ name }) => name);
    for (const name of [
      'Node',
      'machine',
      'Temporal CLI',
      'Temporal server',
      'store',
      'Python',
      'Chromium',
    ]) {
      assert.ok(names.includes(name), name);
    }
    const store = findings.find(({ name }) => name === 'store');
    assert.deepEqual([store?.state, store?.mend], ['optional', 'nothing to do: the first run makes it']);
    assert.equal(findings.find(({ name }) => name === 'Temporal server')?.state, 'optional');
    for (const finding of findings)
      assert.equal(finding.state === 'ok', finding.mend === undefined, finding.name);
  });

  const NARROW: { args: string[]; from?: RegExp }[] = [
    { args: ['doctor'] },
    { args: ['score', 'items.csv', '--target', 'category'] },
    { args: ['--help'], from: /^Start:$[\s\S]*(?=^Start here:$)/m },
    { args: ['logs', '--help'] },
  ];
  for (const { args, from = /[\s\S]*/ } of NARROW) {
    it(`${args.join(' ')} fits a terminal of 40 columns; what is copied stays whole`, async () => {
      const { code, stdout } = await assay(args, { cwd: folder, env: { COLUMNS: '40' } });
      assert.equal(code, 0);
      const [shown = ''] = from.exec(stdout) ?? [];
      assert.ok(shown.split('\n').length > 10, shown);
      const wide = shown
        .split('\n')
        .filter((line) => columnsOf(line) > 40 && /\S\s+\S/.test(line) && !line.startsWith('  $ '));
      assert.deepEqual(wide, []);
    });
  }

  it('doctor says so when the store can not be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, stdout } = await assay(['doctor'], {
      cwd: folder,
      env: { ASSAY_STORE: join(file, 'store') },
    });
    assert.equal(code, 7);
    assert.match(stdout, /✕ store/);
    assert.match(stdout, /→ set ASSAY_STORE/);
  });
});

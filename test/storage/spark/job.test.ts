import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { SparkSettings } from '../../../contracts/dataEngine.js';
import { SparkJob } from '../../../storage/spark/job.js';
import { temporaryFolder } from '../workspace.js';

/** Fake of spark-submit: a script that connects to the socket it is given, and then does what the test says. */
async function fakeSubmit(t: TestContext, script: string) {
  const folder = await temporaryFolder(t);
  const submit = join(folder, 'spark-submit');
  const connect = `const path = process.argv.at(-2);
    const socket = require('node:net').connect(path);
    socket.on('close', () => process.exit(1)).on('error', () => process.exit(1));
    const tell = (message) => socket.write(JSON.stringify(message) + '\\n');
    const asked = (answer) => require('node:readline').createInterface({ input: socket }).on('line', (line) => answer(JSON.parse(line)));`;
  await writeFile(submit, `#!${process.execPath}\n${connect}\n${script}\n`);
  await chmod(submit, 0o700);
  return { folder, tools: { submit, job: 'job.py', modules: ['javascript.py', 'texts.py'] } };
}

const settings = SparkSettings.parse({
  name: 'spark',
  master: 'local[2]',
  driverMemory: '2g',
  partitions: 8,
});

describe('a job of Spark', () => {
  async function start(
    t: TestContext,
    script: string,
    more: { signal?: AbortSignal; progress?: (share: number) => void } = {},
  ) {
    const { tools, folder } = await fakeSubmit(t, script);
    const { signal = new AbortController().signal, progress } = more;
    const job = await SparkJob.start({ tools, settings, folder, signal, progress });
    t.after(() => job.end());
    return { job, folder };
  }

  it('is asked for one thing after the other, and tells how far it is', async (t) => {
    const shares: number[] = [];
    const { job } = await start(
      t,
      `tell({ done: '4.0.1' });
       asked((request) => { tell({ progress: 0.5 }); tell({ done: [request.do, request.select] }); });`,
      { progress: (share) => shares.push(share) },
    );
    assert.deepEqual(await job.ask({ do: 'query', select: 'SELECT 1' }), ['query', 'SELECT 1']);
    assert.deepEqual(await job.ask({ do: 'query', select: "SELECT '\n'" }), ['query', "SELECT '\n'"]);
    assert.deepEqual(shares, [0.5, 0.5]);
  });

  it('is started with the settings, and with nothing else', async (t) => {
    const { folder } = await start(
      t,
      `require('node:fs').writeFileSync(process.argv[1] + '.args', JSON.stringify(process.argv.slice(2, -2)));
       tell({ done: '' });`,
    );
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'spark-submit.args'), 'utf8')), [
      ...[
        '--master',
        'local[2]',
        '--deploy-mode',
        'client',
        '--name',
        'assay',
        '--py-files',
        'javascript.py,texts.py',
      ],
      ...['--conf', 'spark.driver.memory=2g', '--conf', 'spark.sql.shuffle.partitions=8', 'job.py'],
    ]);
  });

  const failures: readonly (readonly [name: string, message: string, told: RegExp])[] = [
    [
      'what Spark says, in a line',
      'TABLE_OR_VIEW_NOT_FOUND: x\\nat java',
      /^SparkError: dataEngine spark, master local\[2\]: AnalysisException: TABLE_OR_VIEW_NOT_FOUND: x$/,
    ],
    [
      'what to do where memory ran out',
      'java.lang.OutOfMemoryError: heap',
      /heap\. Give it more: dataEngine\.driverMemory/,
    ],
  ];
  for (const [name, message, told] of failures) {
    it(`tells ${name}`, async (t) => {
      const failed = `{ failed: { kind: 'AnalysisException', message: '${message}' } }`;
      const { job } = await start(t, `tell({ done: '' }); asked(() => tell(${failed}));`);
      await assert.rejects(job.ask({ do: 'query', select: '' }), told);
    });
  }

  it('that ends before its session is open tells its last lines', async (t) => {
    const begun = start(t, `console.error('Exception: no such master'); process.exit(3);`);
    await assert.rejects(
      begun,
      /SparkError: .*spark-submit ended with exit code 3\. Its last lines:\nException: no such master/,
    );
  });

  it('that ends while it is asked fails what was asked, and what is asked then', async (t) => {
    const { job } = await start(t, `tell({ done: '' }); asked(() => process.kill(process.pid, 'SIGKILL'));`);
    await assert.rejects(job.ask({ do: 'query' }), /spark-submit ended with signal SIGKILL/);
    await assert.rejects(job.ask({ do: 'query' }), /spark-submit ended with signal SIGKILL/);
  });

  it('that can not be started says which program', async () => {
    const tools = { submit: '/nowhere/spark-submit', job: '', modules: [] };
    const options = {
      tools,
      settings,
      folder: '/tmp',
      signal: new AbortController().signal,
      progress: undefined,
    };
    await assert.rejects(
      SparkJob.start(options),
      /SparkError: \/nowhere\/spark-submit can't be started: .*ENOENT/,
    );
  });

  it('that is asked to stop ends with all that it started', async (t) => {
    const control = new AbortController();
    const { job, folder } = await start(
      t,
      `const child = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });
       require('node:fs').writeFileSync(process.argv[1] + '.pids', JSON.stringify([process.pid, child.pid]));
       tell({ done: '' }); asked(() => undefined);`,
      { signal: control.signal },
    );
    const pids = JSON.parse(await readFile(join(folder, 'spark-submit.pids'), 'utf8')) as number[];
    const asked = job.ask({ do: 'query' });
    control.abort(new Error('stop'));
    await assert.rejects(asked, /stop/);
    await job.end();
    for (const pid of pids) assert.ok(await isGone(pid), String(pid));
  });
});

/** A killed process may be there for a moment longer, as a zombie. */
async function isGone(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return state === undefined || /\) [ZX] /.test(state);
}

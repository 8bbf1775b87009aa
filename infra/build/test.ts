/**
 * The test runner behind `npm test`: all compiled tests, or those whose path contains one of the arguments. Its last
 * lines are the summary of node's own runner, which counts. With `--again`, a few files that failed are played once more
 * with nothing beside them, and that decides: real servers and real time-outs share a machine with all other tests.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { MissingToolError } from '../../contracts/errors.js';
import { ensureTensorflow } from '../tensorflow/findTensorflow.js';
import { withFailuresAtEnd } from './tapFailures.js';

const dist = resolve(import.meta.dirname, '../..');
const root = resolve(dist, '..');
const AGAIN = '--again';
/** With more files than that, something is wrong beside time. */
const MOST_AGAIN = 6;
const filters = process.argv
  .slice(2)
  .filter((argument) => argument !== AGAIN)
  .map((filter) => filter.replace(/^dist\//, '').replace(/\.ts$/, '.js'));

const files = compiledTests().filter(
  (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
);
if (files.length === 0) {
  const what = filters.length === 0 ? 'dist/test/**/*.test.js' : `a path with ${filters.join(' or ')}`;
  process.stderr.write(`no test file was found: expected ${what}\n# tests 0\n`);
  process.exit(1);
}

await makeEngine();
const { code, failed } = await play(
  files.map((file) => join('dist', file)),
  2,
);
const few =
  failed.length > 0 && failed.length <= MOST_AGAIN && failed.every((file) => file.endsWith('.test.js'));
const playAgain = code !== 0 && few && process.argv.includes(AGAIN);
if (playAgain) process.stdout.write(`# played again, one at a time: ${failed.join(', ')}\n`);
process.exitCode = playAgain ? (await play(failed, 1)).code : code;

/** Runs test files, so many side by side. On a terminal it can't tell which failed. */
async function play(
  paths: readonly string[],
  concurrency: number,
): Promise<{ code: number; failed: string[] }> {
  const terminal = process.stdout.isTTY;
  const runner = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, `--test-reporter=${terminal ? 'spec' : 'tap'}`, ...paths],
    { cwd: root, stdio: ['inherit', terminal ? 'inherit' : 'pipe', 'inherit'] },
  );
  const stop = (signal: NodeJS.Signals): boolean => runner.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const exited = new Promise<number>((done) => {
    runner.on('exit', (status, signal) => done(signal === null ? (status ?? 1) : 1));
  });
  const failed = new Set<string>();
  if (runner.stdout !== null) {
    const lines = createInterface(runner.stdout);
    for await (const line of withFailuresAtEnd(lines, failed)) process.stdout.write(`${line}\n`);
  }
  return { code: await exited, failed: [...failed] };
}

/** Tests of networks want a native TensorFlow: where none can be had, they say so and are left out. */
async function makeEngine(): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    await ensureTensorflow({ gpu: false, log });
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    log(`THE TESTS OF THE NATIVE ENGINE ARE LEFT OUT: ${error.message}`);
  }
}

/** Paths below dist/. What was compiled from a test that is gone by now is left out. */
function compiledTests(): string[] {
  return readdirSync(join(dist, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
    .filter((file) => existsSync(join(root, file.replace(/\.js$/, '.ts'))))
    .sort();
}

/**
 * The test runner behind `npm test`: all compiled tests, or those whose path contains one of the arguments. Its last
 * lines are the summary of node's own runner, which counts.
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
const filters = process.argv.slice(2).map((filter) => filter.replace(/^dist\//, '').replace(/\.ts$/, '.js'));

const files = compiledTests().filter(
  (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
);
if (files.length === 0) {
  const what = filters.length === 0 ? 'dist/test/**/*.test.js' : `a path with ${filters.join(' or ')}`;
  process.stderr.write(`no test file was found: expected ${what}\n# tests 0\n`);
  process.exit(1);
}

await makeEngine();
const terminal = process.stdout.isTTY;
const runner = spawn(
  process.execPath,
  [
    '--test',
    '--test-concurrency=2',
    `--test-reporter=${terminal ? 'spec' : 'tap'}`,
    ...files.map((file) => join('dist', file)),
  ],
  { cwd: root, stdio: ['inherit', terminal ? 'inherit' : 'pipe', 'inherit'] },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal));
const exited = new Promise<number>((done) => {
  runner.on('exit', (code, signal) => done(signal === null ? (code ?? 1) : 1));
});
if (runner.stdout !== null) {
  for await (const line of withFailuresAtEnd(createInterface(runner.stdout)))
    process.stdout.write(`${line}\n`);
}
process.exitCode = await exited;

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

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.js';

/** What a command said and how it ended. */
export interface Spoken {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = IS_SOURCE
  ? ['--import', import.meta.resolve('tsx'), join(repositoryRoot, 'cli/main.ts')]
  : [join(repositoryRoot, 'dist/cli/main.js')];
/** Nothing listens on port 1. */
const NO_SERVER = '127.0.0.1:1';

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the real `assay` as a process of its own, away from any server that this machine may have. */
export function assayProcess(
  args: readonly string[],
  options: Surroundings = {},
): ChildProcessWithoutNullStreams {
  const own = { ...process.env };
  // A test runner's own variables would make the child report as a test.
  for (const name of ['NODE_TEST_CONTEXT', 'FORCE_COLOR', 'NODE_V8_COVERAGE']) delete own[name];
  const env = { ...own, TEMPORAL_ADDRESS: NO_SERVER, NO_COLOR: '1', ...options.env };
  return spawn(process.execPath, [...ENTRY, ...args], { cwd: options.cwd ?? repositoryRoot, env });
}

/** Runs the real `assay` to its end. */
export function assay(args: readonly string[], options: Surroundings = {}): Promise<Spoken> {
  const child = assayProcess(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

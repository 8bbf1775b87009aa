import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { MissingToolError } from '../contracts/errors.js';

const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** The Python that the peers run in. */
export const python = process.env['ASSAY_PYTHON'] ?? 'python3';

/**
 * Path of a script in bench/ of the source tree, from compiled code too.
 *
 * @throws MissingToolError if no folder above this module is the repository
 */
export function peerScript(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'eslint.config.js'))) return join(folder, 'bench', name);
    if (folder === dirname(folder)) {
      throw new MissingToolError(
        `bench: expected ${name} in bench/ of the source tree, found no eslint.config.js above ${import.meta.dirname}; run from a clone of the repository`,
      );
    }
  }
}

/**
 * Runs a peer's script on one thread and reads the JSON of its last line.
 *
 * @throws MissingToolError if there is no Python with scikit-learn
 */
export function runPeer(script: string, args: readonly string[]): Record<string, number | string> {
  try {
    execFileSync(python, ['-c', 'import sklearn'], { stdio: 'pipe' });
  } catch (cause) {
    throw new MissingToolError(
      `bench: expected scikit-learn in ${python}, found none; set ASSAY_PYTHON to a Python that has it (pip install scikit-learn)`,
      { cause },
    );
  }
  const output = execFileSync(python, [script, ...args], {
    env: { ...process.env, ...ONE_THREAD },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, number | string>;
}

/** Runs a module of ours in a process of its own, as a peer's script is, and reads the JSON that it prints. */
export function runOurs(script: string, args: readonly string[]): Record<string, number> {
  const output = execFileSync(process.execPath, [...process.execArgv, script, ...args], { encoding: 'utf8' });
  return JSON.parse(output) as Record<string, number>;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Median of the rounds' ratios, and their range. */
export function ratioOf(peer: readonly number[], ours: readonly number[]): string {
  const ratios = peer.map((value, i) => value / ours[i]!);
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
}

/** CPU seconds that `work` takes in this process, and its result. */
export function cpuSeconds<T>(work: () => T): { seconds: number; result: T } {
  const start = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(start);
  return { seconds: (user + system) / 1e6, result };
}

/** What a reader needs to judge the figures. */
export const machine = (peer: string): string =>
  `Node ${process.version}, ${peer}; load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}; one thread each, rounds interleaved, CPU seconds.`;

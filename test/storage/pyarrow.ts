import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** Runs Python with pyarrow; skips the test, and says so, where there is none. @returns what it printed */
export function runPyarrow(t: TestContext, program: string, ...args: readonly string[]): string | undefined {
  try {
    execFileSync('python3', ['-c', 'import pyarrow.parquet'], { stdio: 'ignore' });
  } catch {
    t.skip('python3 has no pyarrow (python3 -m pip install pyarrow): foreign Parquet is not checked');
    return undefined;
  }
  return execFileSync('python3', ['-c', program, ...args], { encoding: 'utf8' });
}

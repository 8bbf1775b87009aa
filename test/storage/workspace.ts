import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder that goes with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** All items of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** URL of a module of storage/ for a child process, whether tests run from source or compiled. */
export function storageModule(name: string): string {
  const compiled = new URL(`../../storage/${name}.js`, import.meta.url);
  return existsSync(fileURLToPath(compiled)) ? compiled.href : compiled.href.replace(/js$/, 'ts');
}

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { repositoryRoot } from '../paths.js';

/** What replaces what names a machine or its folders. */
const TOLD_OF_A_MACHINE: Readonly<Record<string, string>> = { identity: 'worker', stackTrace: '' };

/**
 * With ASSAY_RECORD_HISTORIES=1 the suites write what they played to test/histories, for the replay test. What is there
 * stays: runs of earlier versions may still be open.
 */
export async function record(name: string, handle: WorkflowHandle): Promise<void> {
  if (process.env['ASSAY_RECORD_HISTORIES'] !== '1') return;
  const folder = join(repositoryRoot, 'test/histories');
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  const anonymous = (key: string, value: unknown): unknown => TOLD_OF_A_MACHINE[key] ?? value;
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()), anonymous);
  writeFileSync(path, JSON.stringify(history));
}

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RunOutcome } from '../contracts/run.js';
import { fileNameOf, type Directories } from './directories.js';

/** What this machine remembers of a run that it started or watched to its end. */
export const RunRecord = z.strictObject({
  formatVersion: z.literal(1),
  runId: z.string(),
  /** CSV `id,trueTarget,flipped` of a built-in set with planted noise. */
  truth: z.string().optional(),
  outcome: RunOutcome.optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** Adds to what is remembered of a run. */
export function remember(
  where: Directories,
  runId: string,
  more: Partial<Pick<RunRecord, 'truth' | 'outcome'>>,
): void {
  const record: RunRecord = { formatVersion: 1, runId, ...recall(where, runId), ...more };
  mkdirSync(where.records, { recursive: true });
  const path = join(where.records, `${fileNameOf(runId)}.json`);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporary, path);
}

/** What is remembered of a run; undefined where nothing is. */
export const recall = (where: Directories, runId: string): RunRecord | undefined =>
  readRecord(join(where.records, `${fileNameOf(runId)}.json`));

/** Finished runs that this machine remembers, newest first by the time in their ids. */
export function finishedRecords(where: Directories): RunRecord[] {
  return namesIn(where.records)
    .map((name) => readRecord(join(where.records, name)))
    .filter((record) => record?.outcome !== undefined)
    .map((record) => record!)
    .sort((a, b) => timeIn(b.runId).localeCompare(timeIn(a.runId)));
}

const timeIn = (runId: string): string => runId.split('/').at(-1) ?? '';

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function readRecord(path: string): RunRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return RunRecord.parse(JSON.parse(text));
}

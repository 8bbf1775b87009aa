import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Sheet } from '../activities/worksheet.js';
import { fileNameOf, type Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { checkTableFormat, writeTableFile } from './tableFile.js';

/**
 * Writes a worksheet, never over one that may have answers in it.
 *
 * @param out where the user wants it; below `.assay/worksheets` without it
 * @returns its path
 */
export async function writeWorksheet(
  sheet: Sheet,
  out: string | undefined,
  where: Directories,
  { command, runId }: { readonly command: string; readonly runId: string },
): Promise<string> {
  const path = out ?? join(where.root, 'worksheets', `${fileNameOf(runId)}-${command}.csv`);
  checkTableFormat('--out', path);
  if (existsSync(path)) {
    throw new CliError(`${path} is there already, and may hold answers`, EXIT.usage, [
      `assay ${command} ${runId} … --answers ${path}    reads them`,
      `assay ${command} ${runId} … --out FILE    writes another worksheet`,
    ]);
  }
  await writeTableFile(sheet.columns, sheet.batch, path);
  return path;
}

/** Answers would otherwise be written over while they are read. */
export function refuseBoth(out: string | undefined, answers: string | undefined): void {
  if (out === undefined || answers === undefined) return;
  throw new CliError('--out is for the worksheet, --answers reads it back: give one of them', EXIT.usage);
}

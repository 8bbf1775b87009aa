import { DataError } from '../contracts/errors.js';
import type { SourceFiles } from '../contracts/store.js';
import { readAnswerSheet, type Answer, type AnswerTerms } from '../core/relabel/answers.js';
import { readSource } from './readSource.js';

/**
 * Reads a worksheet that was filled in (CSV, TSV, JSONL, Parquet): columns `id` and `true_label` (or `label`), and
 * `verified_by` and `verified_at` where there are such.
 *
 * @throws DataError that names the line of what can't be taken
 */
export async function readAnswers(
  path: string,
  sources: SourceFiles,
  terms: AnswerTerms,
): Promise<Map<string, Answer>> {
  const [file] = await sources.resolve([path]);
  if (!file) throw new DataError(`${path}: no such file`);
  let header: readonly string[] = [];
  const records: { cells: readonly (string | null)[]; line: number }[] = [];
  const options = { format: undefined, encoding: 'utf-8', received: () => undefined } as const;
  for await (const block of readSource(file, sources, options)) {
    const [bad] = block.unreadable;
    if (bad) throw new DataError(`${file.uri}, line ${bad.line}: ${bad.reason}`);
    header = block.header;
    records.push(...block.records);
  }
  return readAnswerSheet({ file: path, header, records }, terms);
}

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import type { ColumnSpec } from '../contracts/artifact.js';
import type { ColumnBatch } from '../contracts/table.js';
import { writeParquet } from '../storage/tables.js';
import { CliError, EXIT } from './exit.js';

const FORMATS = ['.csv', '.jsonl', '.parquet'];

/** @throws CliError where the ending of an output's name tells no format */
export function checkTableFormat(option: string, out: string): void {
  if (FORMATS.includes(extname(out).toLowerCase())) return;
  throw new CliError(`${option} ${out}: expected a name that ends in ${FORMATS.join(', ')}`, EXIT.usage);
}

/** Writes a table that is held in memory as CSV, JSONL or Parquet, by the ending of the name. Columns hold text or numbers. */
export async function writeTableFile(
  columns: readonly ColumnSpec[],
  batch: ColumnBatch,
  out: string,
): Promise<void> {
  const path = resolve(out);
  mkdirSync(dirname(path), { recursive: true });
  const ending = extname(path).toLowerCase();
  const names = columns.map(({ name }) => name);
  if (ending !== '.parquet') {
    return writeFileSync(path, ending === '.csv' ? csv(names, batch) : jsonLines(names, batch));
  }
  const scratch = mkdtempSync(join(tmpdir(), 'assay-table-'));
  try {
    let parts = 0;
    for await (const file of writeParquet(scratch, columns, [batch])) {
      if (++parts > 1)
        throw new CliError(`${out}: too large for one Parquet file`, EXIT.usage, ['--out NAME.csv']);
      copyFileSync(file.path, path);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Cell = string | number | null;

/** A missing number is NaN. */
function cell(batch: ColumnBatch, name: string, row: number): Cell {
  const value = (batch.columns[name] as ArrayLike<Cell>)[row] ?? null;
  return Number.isNaN(value) ? null : value;
}

function csv(names: readonly string[], batch: ColumnBatch): string {
  const quote = (value: Cell): string => {
    const text = value === null ? '' : String(value);
    return /[",\n\r]/u.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [names.map(quote).join(',')];
  for (let row = 0; row < batch.rows; row++) {
    lines.push(names.map((name) => quote(cell(batch, name, row))).join(','));
  }
  return `${lines.join('\n')}\n`;
}

function jsonLines(names: readonly string[], batch: ColumnBatch): string {
  const lines: string[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const entries = names.map((name) => [name, cell(batch, name, row)] as const);
    lines.push(JSON.stringify(Object.fromEntries(entries.filter(([, value]) => value !== null))));
  }
  return `${lines.join('\n')}\n`;
}

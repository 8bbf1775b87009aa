import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ColumnSpec } from '../contracts/artifact.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import { canonicalJson } from '../storage/hash.js';
import { mergeParquet } from '../storage/mergeParquet.js';
import { writeParquet } from '../storage/tables.js';

export type TableFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet';

/** A row of output, its cells in the order of the header. */
export type OutputRow = readonly (string | number | null)[];

/** A column of output. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'utf8' | 'float64';
}

/** What a shard made. */
export interface ShardCounts {
  readonly predicted: number;
  readonly quarantined: number;
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Output of long work, shard by shard, in `OUT.parts` beside it. A shard is there whole or not at all, so that work that was
 * killed goes on after the last one; `finish` joins them.
 */
export class PartFiles {
  readonly folder: string;
  readonly quarantine: string;

  private constructor(
    readonly out: string,
    readonly format: TableFormat,
  ) {
    this.folder = `${out}.parts`;
    this.quarantine = `${out}.quarantine.jsonl`;
  }

  /**
   * @param task what decides the output: shards of other work are thrown away
   * @throws ConfigError where the output is there already
   */
  static async open(path: string, format: TableFormat, task: object, overwrite: boolean): Promise<PartFiles> {
    const parts = new PartFiles(resolve(path), format);
    if (!overwrite && (await exists(parts.out))) {
      throw new ConfigError(`${path} is there already; give another --out, or --overwrite`);
    }
    const mark = join(parts.folder, 'task.json');
    const now = canonicalJson(task);
    const before = await readFile(mark, 'utf8').catch(() => undefined);
    if (before !== now) await rm(parts.folder, { recursive: true, force: true });
    await mkdir(parts.folder, { recursive: true });
    await writeFile(mark, now);
    return parts;
  }

  /** What an earlier attempt made of a shard. */
  async done(shard: number): Promise<ShardCounts | undefined> {
    const text = await readFile(this.path(shard, 'done.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as ShardCounts); // we wrote it, whole
  }

  async write(
    shard: number,
    columns: readonly OutputColumn[],
    rows: readonly OutputRow[],
    quarantine: readonly object[],
    counts: ShardCounts,
  ): Promise<void> {
    await this.writeRows(shard, columns, rows);
    await writeFile(
      this.path(shard, 'quarantine'),
      quarantine.map((one) => `${JSON.stringify(one)}\n`).join(''),
    );
    const done = this.path(shard, 'done.json');
    await writeFile(`${done}.tmp`, JSON.stringify(counts));
    await rename(`${done}.tmp`, done);
  }

  /** Joins the shards, in order, and removes them. */
  async finish(shards: number, columns: readonly OutputColumn[]): Promise<void> {
    const all = Array.from({ length: shards }, (_, shard) => shard);
    await mkdir(dirname(this.out), { recursive: true });
    const temporary = `${this.out}.tmp`;
    const rows = all.map((shard) => this.path(shard, this.format));
    if (this.format === 'parquet') await mergeParquet(await present(rows), temporary);
    else await concatenate(headerOf(columns, this.format), rows, temporary);
    const quarantines = all.map((shard) => this.path(shard, 'quarantine'));
    await concatenate('', quarantines, `${this.quarantine}.tmp`);
    if ((await stat(`${this.quarantine}.tmp`)).size > 0)
      await rename(`${this.quarantine}.tmp`, this.quarantine);
    else await rm(`${this.quarantine}.tmp`);
    await rename(temporary, this.out);
    await rm(this.folder, { recursive: true, force: true });
  }

  private path(shard: number, ending: string): string {
    return join(this.folder, `${String(shard).padStart(6, '0')}.${ending}`);
  }

  private async writeRows(
    shard: number,
    columns: readonly OutputColumn[],
    rows: readonly OutputRow[],
  ): Promise<void> {
    const path = this.path(shard, this.format);
    if (this.format !== 'parquet') {
      await writeFile(path, rows.map((row) => lineOf(columns, row, this.format)).join(''));
      return;
    }
    const scratch = `${path}.tmp`;
    const specs: ColumnSpec[] = columns.map(({ name, type }) => ({ name, type }));
    const batch = {
      rows: rows.length,
      columns: Object.fromEntries(columns.map(({ name, type }, c) => [name, columnOf(rows, c, type)])),
    };
    for await (const file of writeParquet(scratch, specs, [batch])) await rename(file.path, path);
    await rm(scratch, { recursive: true, force: true });
  }
}

const columnOf = (rows: readonly OutputRow[], c: number, type: OutputColumn['type']) =>
  type === 'float64'
    ? Float64Array.from(rows, (row) => Number(row[c] ?? NaN))
    : rows.map((row) => (row[c] === null || row[c] === undefined ? null : String(row[c])));

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A shard of which no row could be read has no Parquet file. @throws DataError where none has */
async function present(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(paths.map(exists));
  const found = paths.filter((_, i) => there[i]);
  if (found.length > 0) return found;
  throw new DataError('no row could be read, so that there is nothing to write as Parquet');
}

async function concatenate(head: string, paths: readonly string[], out: string): Promise<void> {
  await writeFile(out, head);
  for (const path of paths) await pipeline(createReadStream(path), createWriteStream(out, { flags: 'a' }));
}

const headerOf = (columns: readonly OutputColumn[], format: TableFormat): string =>
  format === 'jsonl'
    ? ''
    : `${columns.map(({ name }) => cellText(name, format)).join(format === 'csv' ? ',' : '\t')}\n`;

function lineOf(columns: readonly OutputColumn[], row: OutputRow, format: TableFormat): string {
  if (format !== 'jsonl')
    return `${row.map((cell) => cellText(cell, format)).join(format === 'csv' ? ',' : '\t')}\n`;
  const entries = columns.flatMap(({ name }, c) =>
    row[c] === null || row[c] === undefined ? [] : [[name, row[c]]],
  );
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

function cellText(cell: string | number | null | undefined, format: TableFormat): string {
  const text = cell === null || cell === undefined ? '' : String(cell);
  const needsQuotes = format === 'csv' ? /[",\n\r]/u : /["\t\n\r]/u;
  return needsQuotes.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

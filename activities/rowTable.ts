import { DataError } from '../contracts/errors.js';
import type { SourceFile, StageContext, TableSession } from '../contracts/store.js';
import type { DatasetConfig } from '../contracts/settings.js';
import { planLayout, planLooseLayout, requireColumns, type Layout } from '../core/ingest/layout.js';
import { missingIn, partitionOf, type Partition } from '../core/ingest/partitions.js';
import type { ColumnPart } from '../core/ingest/parts.js';
import type { ScannedBlock } from '../core/ingest/recordScanner.js';
import { hashedSide } from '../core/ingest/settleRows.js';
import { isNumericPart, typedRow } from '../core/ingest/typedRows.js';
import { splitNames } from '../core/ingest/assignSplit.js';
import { parquetTextSql } from '../core/sql/parquetText.js';
import { rowJsonSql, nameSql, textSql, type SqlColumn } from '../core/sql/text.js';
import { formatOf } from './readSource.js';
import { scanSource } from './scanSource.js';

/** How much CSV is handed to the database at once. */
const SPOOL_BYTES = 64 << 20;
const MIN_LINE_BYTES = 2 << 20;

/**
 * The table `rows` of a session while files come in: a row for each record in reading order (`rowid` counts them), its
 * values in columns c0, c1, …; a record that can't become a row has a `rule`, a `reason` and its JSON. Beside it `aside`
 * for what is not even a record, and `runs`, which says where rows stand in their files.
 */
export class RowTable {
  readonly #columns = new Map<string, SqlColumn>();
  #rows = 0;
  #spools = 0;

  private constructor(
    readonly session: TableSession,
    readonly dataset: DatasetConfig,
    readonly parts: readonly ColumnPart[],
  ) {}

  static async create(
    session: TableSession,
    dataset: DatasetConfig,
    parts: readonly ColumnPart[],
  ): Promise<RowTable> {
    const table = new RowTable(session, dataset, parts);
    await session.run(
      'CREATE TABLE rows (id VARCHAR, side VARCHAR, rule VARCHAR, reason VARCHAR, record VARCHAR)',
    );
    await session.run('CREATE TABLE runs (row BIGINT, file INTEGER, line BIGINT)');
    await session.run(
      'CREATE TABLE aside (file INTEGER, line BIGINT, rule VARCHAR, reason VARCHAR, record VARCHAR)',
    );
    for (const part of parts) await table.#column(part.name, isNumericPart(part) ? 'float64' : 'utf8');
    return table;
  }

  /** Columns of `dataset`, `sql` being their names here. */
  get columns(): readonly SqlColumn[] {
    return [...this.#columns.values()];
  }

  /** @throws DataError where the file can't be read to its end, or lacks a configured column */
  async read(
    index: number,
    file: SourceFile,
    context: StageContext,
    received: (bytes: number) => void,
  ): Promise<void> {
    const format = this.dataset.format ?? formatOf(file.uri);
    if (file.sizeBytes === 0) throw new DataError(`${file.uri}: the file is empty (0 bytes)`);
    if (format === 'parquet') return this.#readParquet(index, file, received);
    const place = {
      partition: partitionOf(file.uri),
      plan: format === 'jsonl' ? planLooseLayout : planLayout.bind(undefined, file.uri),
    };
    const delimiter = format === 'tsv' ? '\t' : ',';
    let spool = new Spool(index);
    let header: readonly string[] = [];
    let unreadable = 0;
    const { encoding } = this.dataset;
    for await (const block of scanSource(file, format, { encoding, received })) {
      context.signal.throwIfAborted();
      if (spool.records > 0 && (block.header.length !== header.length || spool.sizeBytes >= SPOOL_BYTES)) {
        await this.#insert(spool, header, place, delimiter);
        spool = new Spool(index);
      }
      header = block.header;
      unreadable += block.unreadable.length;
      spool.add(block);
    }
    // A JSONL file of which nothing could be read has no columns to complain of.
    const { names } = missingIn(header, place.partition);
    if (header.length > 0 || unreadable === 0) requireColumns(file.uri, [...names, ...header], this.parts);
    await this.#insert(spool, header, place, delimiter);
  }

  async #insert(spool: Spool, header: readonly string[], place: Place, delimiter: string): Promise<void> {
    const asideCsv = spool.asideCsv();
    if (asideCsv) await this.#insertCsv('aside', ['file', 'line', 'rule', 'reason', 'record'], [asideCsv]);
    if (spool.records === 0) return;
    await this.#insertCsv('runs', ['row', 'file', 'line'], [spool.runsCsv(this.#rows)]);
    const names = header.map((_, i) => `x${String(i)}`);
    const path = await this.#spool([Buffer.from(`${names.join(delimiter)}\n`), ...spool.pieces]);
    await this.#insertRows(header, names, place, readCsv(path, names, delimiter, spool.longest));
    this.#rows += spool.records;
  }

  async #readParquet(index: number, file: SourceFile, received: (bytes: number) => void): Promise<void> {
    const source = `read_parquet(${textSql(await file.localPath())})`;
    const described = await this.session.query(`DESCRIBE SELECT * FROM ${source}`);
    const header = described.map(([name]) => String(name));
    const cells = described.map(
      ([name, type]) => `nullif(${parquetTextSql(nameSql(String(name)), String(type))}, '')`,
    );
    const place = { partition: partitionOf(file.uri), plan: planLayout.bind(undefined, file.uri) };
    const [[count] = []] = await this.session.query(`SELECT count(*) FROM ${source}`);
    await this.session.run(`INSERT INTO runs VALUES (${this.#rows}, ${index}, 1)`);
    const names = header.map((_, i) => `x${String(i)}`);
    const texts = cells.map((sql, i) => `${sql} AS ${names[i]!}`).join(', ');
    await this.#insertRows(header, names, place, `(SELECT ${texts} FROM ${source})`);
    this.#rows += Number(count);
    received(file.sizeBytes);
  }

  async #insertRows(
    inFile: readonly string[],
    cells: readonly string[],
    { partition, plan }: Place,
    source: string,
  ): Promise<void> {
    const added = missingIn(inFile, partition);
    const header = [...added.names, ...inFile];
    const constant = added.values.map((value) => (value === null ? 'CAST(NULL AS VARCHAR)' : textSql(value)));
    const layout = plan(header, this.parts);
    const typed = typedRow(
      header,
      [...constant, ...cells],
      layout,
      this.parts,
      splitNames(this.dataset.split),
    );
    const columns: SqlColumn[] = [];
    for (const { name, type } of typed.columns) columns.push(await this.#column(name, type));
    const values = typed.columns.map(({ sql }, i) => `${sql} AS ${columns[i]!.sql}`);
    const given = columns.find(({ name }) => name === 'id')?.sql;
    const id = given ?? `left(sha256(${rowJsonSql(columns)}), 24)`;
    const side = hashedSide(this.dataset.split, columns, 'id');
    const names = columns.map(({ sql }) => sql).join(', ');
    await this.session.run(
      `INSERT INTO rows (id, side, rule, reason, record, ${names})
       SELECT id, ${side}, rule, reason, record, ${names} FROM (
         SELECT CASE WHEN rule IS NULL THEN ${id} END AS id, rule, reason,
           CASE WHEN rule IS NOT NULL THEN ${typed.record} END AS record, ${names} FROM (
             SELECT ${typed.rule} AS rule, ${typed.reason} AS reason, ${cells.join(', ')}, ${values.join(', ')} FROM ${source}))`,
    );
  }

  /** The column of `rows` for a column of `dataset`, made where there is none yet. */
  async #column(name: string, type: SqlColumn['type']): Promise<SqlColumn> {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = { name, type, sql: `c${String(this.#columns.size)}` };
    this.#columns.set(name, column);
    await this.session.run(
      `ALTER TABLE rows ADD COLUMN ${column.sql} ${type === 'float64' ? 'DOUBLE' : 'VARCHAR'}`,
    );
    return column;
  }

  async #insertCsv(table: string, columns: readonly string[], lines: readonly string[]): Promise<void> {
    const text = [columns.join(','), ...lines].join('\n');
    const path = await this.#spool([Buffer.from(text)]);
    await this.session.run(`INSERT INTO ${table} SELECT * FROM ${readCsv(path, columns, ',', text.length)}`);
  }

  #spool(pieces: readonly Uint8Array[]): Promise<string> {
    // Two names: the database may still look at the file of the statement before.
    return this.session.writeFile(`rows${String(this.#spools++ % 2)}.csv`, pieces);
  }
}

/** What a file's place says of its rows, and how its configured columns are found. */
interface Place {
  readonly partition: Partition;
  readonly plan: (header: readonly string[], parts: readonly ColumnPart[]) => Layout;
}

/** What was read of a file since it was last handed over. */
class Spool {
  readonly pieces: Uint8Array[] = [];
  readonly #runs: { readonly record: number; readonly line: number }[] = [];
  readonly #aside: string[] = [];
  records = 0;
  sizeBytes = 0;
  longest = 0; // an upper bound of the bytes of a record

  constructor(readonly file: number) {}

  add({ pieces, records, runs, unreadable }: ScannedBlock): void {
    for (const run of runs) this.#runs.push({ record: this.records + run.record, line: run.line });
    for (const piece of pieces) {
      this.pieces.push(piece);
      this.sizeBytes += piece.length;
      this.longest = Math.max(this.longest, piece.length);
    }
    for (const { line, rule, reason, record } of unreadable) {
      const texts = [rule, reason, record].map((text) => `"${text.replaceAll('"', '""')}"`);
      this.#aside.push([this.file, line, ...texts].join(','));
    }
    this.records += records;
  }

  /** @param rows before these in the table */
  runsCsv(rows: number): string {
    return this.#runs.map(({ record, line }) => `${rows + record},${this.file},${line}`).join('\n');
  }

  asideCsv(): string {
    return this.#aside.join('\n');
  }
}

function readCsv(path: string, names: readonly string[], delimiter: string, longest: number): string {
  const columns = names.map((name) => `${textSql(name)}: 'VARCHAR'`).join(', ');
  const line = Math.max(MIN_LINE_BYTES, longest + 1);
  return `read_csv(${textSql(path)}, columns = {${columns}}, header = true, auto_detect = false, delim = ${textSql(delimiter)},
    quote = '"', escape = '"', new_line = '\\n', nullstr = '', strict_mode = true, max_line_size = ${line}, buffer_size = ${4 * line})`;
}

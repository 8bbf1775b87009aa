import { DataError } from '../contracts/errors.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { SourceFile, StageContext, TableSession } from '../contracts/store.js';
import { missingIn, partitionOf, type Partition } from '../core/ingest/partitions.js';
import type { ScannedBlock } from '../core/ingest/recordScanner.js';
import { damagedParquet, parquetTextSql } from '../core/sql/parquetText.js';
import { nameSql, textSql } from '../core/sql/text.js';
import { formatOf } from './readSource.js';
import { scanSource } from './scanSource.js';

/** How much CSV is handed to the database at once. */
const SPOOL_BYTES = 64 << 20;
const MIN_LINE_BYTES = 2 << 20;

/** Some consecutive records that a statement can read. */
export interface SpooledRows {
  /** What the file's folders say, then what the file itself has. */
  readonly header: readonly string[];
  /** SQL of the text of each cell; a missing one is NULL, never ''. */
  readonly cells: readonly string[];
  /** Columns of `source` that `cells` speak of. */
  readonly columns: readonly string[];
  /** What stands behind FROM. */
  readonly source: string;
  /** Rows bring their own keys. */
  readonly isLoose: boolean;
}

export interface FileSettings extends Pick<DatasetConfig, 'encoding'> {
  readonly format?: DatasetConfig['format'];
}

/**
 * Makes the records of files readable for the database of a session. What is not even a record goes to the table `aside`;
 * where records stand in their files, to a table of runs: `row` counts the records in reading order.
 */
export class SpooledFiles {
  #rows = 0;
  #spools = 0;

  /** @param runs name of the table of runs, which is also how spooled files are called */
  constructor(
    readonly session: TableSession,
    readonly settings: FileSettings,
    readonly runs: string,
  ) {}

  /** Records so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Counts records that came another way. */
  skip(rows: number): void {
    this.#rows += rows;
  }

  /** Makes the table of runs. */
  async create(): Promise<void> {
    await this.session.run(`CREATE OR REPLACE TABLE ${this.runs} (row BIGINT, file INTEGER, line BIGINT)`);
  }

  /**
   * @param take takes the records as they come, in order
   * @returns the header at the file's end; nothing for JSONL of which no line could be read
   * @throws DataError where the file can't be read to its end
   */
  async read(
    index: number,
    file: SourceFile,
    { signal, received }: Pick<StageContext, 'signal'> & { readonly received: (bytes: number) => void },
    take: (rows: SpooledRows) => Promise<void>,
  ): Promise<readonly string[] | undefined> {
    const { encoding } = this.settings;
    const format = this.settings.format ?? formatOf(file.uri);
    if (file.sizeBytes === 0) throw new DataError(`${file.uri}: the file is empty (0 bytes)`);
    if (format === 'parquet') {
      try {
        return await this.#readParquet(index, file, received, take);
      } catch (error) {
        throw damagedParquet(file.uri, error) ?? error;
      }
    }
    const partition = partitionOf(file.uri);
    const delimiter = format === 'tsv' ? '\t' : ',';
    let spool = new Spool(index);
    let header: readonly string[] = [];
    let unreadable = 0;
    let taken = Promise.resolve(); // the database takes records while the next ones are read
    const hand = async (): Promise<void> => {
      await taken;
      const asideCsv = spool.asideCsv();
      if (asideCsv) await this.#insertCsv('aside', ['file', 'line', 'rule', 'reason', 'record'], asideCsv);
      if (spool.records === 0) return;
      await this.#insertCsv(this.runs, ['row', 'file', 'line'], spool.runsCsv(this.#rows));
      const columns = header.map((_, i) => `x${String(i)}`);
      const path = await this.#spool([Buffer.from(`${columns.join(delimiter)}\n`), ...spool.pieces]);
      const source = readCsv(path, columns, delimiter, spool.longest);
      taken = take({
        ...withFolders(header, columns, partition),
        columns,
        source,
        isLoose: format === 'jsonl',
      });
      taken.catch(() => undefined); // it is awaited, but later
      this.#rows += spool.records;
    };
    try {
      for await (const block of scanSource(file, format, { encoding, received })) {
        signal.throwIfAborted();
        if (spool.records > 0 && (block.header.length !== header.length || spool.sizeBytes >= SPOOL_BYTES)) {
          await hand();
          spool = new Spool(index);
        }
        header = block.header;
        unreadable += block.unreadable.length;
        spool.add(block);
      }
      await hand();
    } finally {
      await taken; // no statement outlives the reading, whatever ends it
    }
    return header.length > 0 || unreadable === 0 ? withFolders(header, header, partition).header : undefined;
  }

  async #readParquet(
    index: number,
    file: SourceFile,
    received: (bytes: number) => void,
    take: (rows: SpooledRows) => Promise<void>,
  ): Promise<readonly string[]> {
    const source = `read_parquet(${textSql(await file.localPath())})`;
    const described = await this.session.query(`DESCRIBE SELECT * FROM ${source}`);
    const header = described.map(([name]) => String(name));
    const columns = header.map((_, i) => `x${String(i)}`);
    const texts = described.map(
      ([name, type], i) =>
        `nullif(${parquetTextSql(nameSql(String(name)), String(type))}, '') AS ${columns[i]!}`,
    );
    const [[count] = []] = await this.session.query(`SELECT count(*) FROM ${source}`);
    await this.session.run(`INSERT INTO ${this.runs} VALUES (${this.#rows}, ${index}, 1)`);
    const wide = withFolders(header, columns, partitionOf(file.uri));
    const rows = `(SELECT ${texts.join(', ')} FROM ${source})`;
    await take({ ...wide, columns, source: rows, isLoose: false });
    this.#rows += Number(count);
    received(file.sizeBytes);
    return wide.header;
  }

  async #insertCsv(table: string, columns: readonly string[], lines: string): Promise<void> {
    const text = `${columns.join(',')}\n${lines}`;
    const path = await this.#spool([Buffer.from(text)]);
    await this.session.run(`INSERT INTO ${table} SELECT * FROM ${readCsv(path, columns, ',', text.length)}`);
  }

  #spool(pieces: readonly Uint8Array[]): Promise<string> {
    // Two names: the database may still look at the file of the statement before.
    return this.session.writeFile(`${this.runs}${String(this.#spools++ % 2)}.csv`, pieces);
  }
}

function withFolders(
  inFile: readonly string[],
  columns: readonly string[],
  partition: Partition,
): Pick<SpooledRows, 'header' | 'cells'> {
  const { names, values } = missingIn(inFile, partition);
  const constant = values.map((value) => (value === null ? 'CAST(NULL AS VARCHAR)' : textSql(value)));
  return { header: [...names, ...inFile], cells: [...constant, ...columns] };
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

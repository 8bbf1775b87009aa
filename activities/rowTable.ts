import type { ColumnSpec } from '../contracts/artifact.js';
import type { StageOutput } from '../contracts/stage.js';
import type { SourceFile, StageContext, TableSession } from '../contracts/store.js';
import type { DatasetConfig } from '../contracts/settings.js';
import { splitNames } from '../core/ingest/assignSplit.js';
import { planJoins, type JoinShape } from '../core/ingest/joins.js';
import { joinedRows, matchedSql } from '../core/ingest/joinSql.js';
import { planLayout, planLooseLayout, requireColumns } from '../core/ingest/layout.js';
import type { ColumnPart } from '../core/ingest/parts.js';
import { partSql, RUN_COLUMNS, takePartSql } from '../core/ingest/partSql.js';
import { hashedSide } from '../core/ingest/settleRows.js';
import { isNumericPart, typedRow } from '../core/ingest/typedRows.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import { rowJsonSql, type SqlColumn } from '../core/sql/text.js';
import { SpooledFiles, type SpooledRows } from './spooledFiles.js';

/**
 * The table `rows` of a session while files come in: a row for each record in reading order (`rowid` counts them), its
 * values in columns c0, c1, …; a record that can't become a row has a `rule`, a `reason` and its JSON. What each join found
 * for it stands in m0, m1, …. Beside it `aside` for what is not even a record, and `runs`, which says where rows stand.
 */
export class RowTable {
  readonly #columns = new Map<string, SqlColumn>();
  readonly #files: SpooledFiles;
  /** Columns that the file under way has. */
  #ofFile = new Map<string, SqlColumn>();

  private constructor(
    readonly session: TableSession,
    readonly dataset: DatasetConfig,
    readonly parts: readonly ColumnPart[],
    readonly joins: readonly JoinShape[],
  ) {
    this.#files = new SpooledFiles(session, dataset, 'runs');
  }

  /** @param joins tables of the session that rows are joined with */
  static async create(
    session: TableSession,
    dataset: DatasetConfig,
    parts: readonly ColumnPart[],
    joins: readonly JoinShape[] = [],
  ): Promise<RowTable> {
    const table = new RowTable(session, dataset, parts, joins);
    const matches = joins.map((_, i) => `, m${i} VARCHAR`).join('');
    await session.run(
      `CREATE TABLE rows (id VARCHAR, side VARCHAR, rule VARCHAR, reason VARCHAR, record VARCHAR, is_gone BOOLEAN${matches})`,
    );
    await table.#files.create();
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
    const options = { signal: context.signal, received };
    this.#ofFile = new Map();
    const header = await this.#files.read(index, file, options, (rows) => this.#insert(file.uri, rows));
    if (header) requireColumns(file.uri, planJoins(file.uri, header, this.joins, false).header, this.parts);
  }

  async #insert(uri: string, spooled: SpooledRows): Promise<void> {
    const { dataset, joins, parts, session } = this;
    const plan = planJoins(uri, spooled.header, joins, spooled.isLoose);
    const { before, cells, refusals, source } = joinedRows(spooled, plan, joins);
    const layout = spooled.isLoose
      ? planLooseLayout(plan.header, parts)
      : planLayout(uri, plan.header, parts);
    const typed = typedRow(
      { header: plan.header, cells, refusals },
      layout,
      parts,
      splitNames(dataset.split),
      ({ name }) => this.#columns.get(name)!.sql, // all parts have their columns from the start
    );
    const columns: SqlColumn[] = [];
    for (const { name, type } of typed.columns) columns.push(await this.#column(name, type));
    for (const column of columns) this.#ofFile.set(column.name, column);
    const values = typed.columns.map(({ sql }, i) => `${sql} AS ${columns[i]!.sql}`);
    const given = columns.find(({ name }) => name === 'id')?.sql;
    const id = given ?? `left(sha256(${rowJsonSql(columns)}), 24)`;
    const side = hashedSide(dataset.split, columns, 'id');
    const matches = joins.map((_, i) => `m${i}`);
    const names = [...columns.map(({ sql }) => sql), ...matches].join(', ');
    const found = joins.map((_, i) => `${matchedSql(i)} AS m${i}`);
    for (const sql of before) await session.run(sql);
    // A layer each: what is asked of a value is not worked out with it again.
    await session.run(
      `INSERT INTO rows (id, side, rule, reason, record, ${names})
       SELECT id, CASE WHEN rule IS NULL THEN ${side} END, rule, reason, record, ${names} FROM (
         SELECT CASE WHEN rule IS NULL THEN ${id} END AS id, rule, CASE WHEN rule IS NOT NULL THEN ${typed.reason} END AS reason,
           CASE WHEN rule IS NOT NULL THEN ${typed.record} END AS record, ${names} FROM (
             SELECT ${typed.rule} AS rule, * FROM (SELECT ${['*', ...values, ...found].join(', ')} FROM ${source})))`,
    );
  }

  /** Rows that are there by now. */
  get rows(): number {
    return this.#files.rows;
  }

  /** What the file that was read last gave, to be kept as a part; `from`: rows before it. */
  async writePart(index: number, from: number): Promise<StageOutput> {
    const columns = [...this.#ofFile.values()].filter(({ name }) => name !== 'id');
    const sql = partSql({ columns, index, from });
    const { session } = this;
    for (const statement of sql.before) await session.run(statement);
    const specs = [
      { name: 'id', type: 'utf8' as const },
      ...columns.map(({ name, type }) => ({ name, type })),
    ];
    const outputs = {
      rows: [await session.write('dataset', specs, sql.rows)],
      runs: [await session.write('document', RUN_COLUMNS, sql.runs)],
      quarantine: [await session.write('quarantine', QUARANTINE_COLUMNS, sql.aside)],
    };
    const time = columns.find(({ name }) => name === 'event_time')?.sql;
    const [[newest] = []] = time ? await session.query(`SELECT max(${time}) FROM part`) : [];
    const figures: Record<string, number> = newest == null ? {} : { newest: Number(newest) };
    for (const i of this.joins.keys()) {
      const counts = await session.query(
        `SELECT m${i}, count(*) FROM rows WHERE rowid >= ${from} GROUP BY 1`,
      );
      for (const [word, count] of counts) figures[`m${i}.${String(word)}`] = Number(count);
    }
    return { outputs, figures };
  }

  /** Takes a part that was kept, from the inputs `<name>Rows`, `<name>Runs` and `<name>Aside`. */
  async takePart(index: number, name: string, specs: readonly ColumnSpec[], rows: number): Promise<void> {
    const columns: SqlColumn[] = [];
    for (const spec of specs.filter((one) => one.name !== 'id'))
      columns.push(await this.#column(spec.name, spec.type === 'float64' ? 'float64' : 'utf8'));
    const hasId = this.parts.some((part) => part.name === 'id');
    if (hasId) columns.push(await this.#column('id', 'utf8'));
    for (const sql of takePartSql({ name, index, from: this.rows, columns, split: this.dataset.split }))
      await this.session.run(sql);
    this.#files.skip(rows);
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
}

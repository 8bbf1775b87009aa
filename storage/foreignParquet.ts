import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnBatch } from '../contracts/table.js';
import { damagedParquet, parquetTextSql } from '../core/sql/parquetText.js';
import { connect, quoted } from './duckdb.js';

/**
 * Rows of a Parquet file that anybody may have written, in the file's order. Every column comes as utf8: numbers in full,
 * times in ISO 8601 (UTC where the file knows the zone), lists and structs as JSON, missing and NaN as null. A file without
 * rows gives one batch without rows.
 *
 * @param name what to call the file in errors
 * @throws DataError when it is no Parquet file, or damaged
 */
export async function* readParquetRows(path: string, name: string = path): AsyncIterable<ColumnBatch> {
  const connection = await connect();
  try {
    const columns = await describeColumns(connection, path);
    const selected = columns.map(({ sql }, i) => `${sql} AS c${String(i)}`).join(', ');
    const result = await connection.stream(`SELECT ${selected} FROM read_parquet($1)`, [path]);
    let rows = 0;
    for await (const chunk of result) {
      const values = columns.map(({ name: column }, i) => [
        column,
        chunk.getColumnValues(i) as (string | null)[],
      ]);
      rows += chunk.rowCount;
      if (chunk.rowCount > 0)
        yield { rows: chunk.rowCount, columns: Object.fromEntries(values) as ColumnBatch['columns'] };
    }
    // Its columns are told even so.
    if (rows === 0)
      yield { rows, columns: Object.fromEntries(columns.map(({ name: column }) => [column, []])) };
  } catch (error) {
    throw damagedParquet(name, error) ?? error;
  } finally {
    connection.closeSync();
  }
}

async function describeColumns(
  connection: DuckDBConnection,
  path: string,
): Promise<{ name: string; sql: string }[]> {
  const described = await connection.runAndReadAll('DESCRIBE SELECT * FROM read_parquet($1)', [path]);
  return described.getRows().map(([column, type]) => {
    const name = String(column);
    return { name, sql: parquetTextSql(quoted(name), String(type)) };
  });
}

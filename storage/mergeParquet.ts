import { literal, withConnection } from './duckdb.js';

/** Joins Parquet files of one schema, their rows in order, to one file. */
export async function mergeParquet(paths: readonly string[], out: string): Promise<void> {
  await withConnection(async (connection) => {
    const files = paths.map(literal).join(', ');
    await connection.run(
      `COPY (SELECT * FROM read_parquet([${files}])) TO ${literal(out)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  });
}

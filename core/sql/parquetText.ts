import { DataError, PlatformError } from '../../contracts/errors.js';

/** How a Parquet column of some type becomes text; the first one that fits counts. */
const AS_TEXT: readonly (readonly [type: RegExp, sql: (column: string) => string])[] = [
  [/(\[\d*\]$|^(STRUCT|MAP|UNION)\()/, (column) => `CAST(to_json(${column}) AS VARCHAR)`],
  [
    /^(FLOAT|DOUBLE)$/,
    (column) => `CASE WHEN isnan(${column}) THEN NULL ELSE CAST(${column} AS VARCHAR) END`,
  ],
  [
    /^TIMESTAMP WITH TIME ZONE$/,
    (column) => `strftime(make_timestamp(epoch_us(${column})), '%Y-%m-%dT%H:%M:%S.%fZ')`,
  ],
  [/^TIMESTAMP_NS$/, (column) => `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%n')`],
  [/^TIMESTAMP/, (column) => `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%f')`],
  // Some writers forget to say that bytes are text. What is not UTF-8 is shown as hexadecimal.
  [/^BLOB$/, (column) => `coalesce(TRY(decode(${column})), hex(${column}))`],
];

/**
 * A column of a Parquet file that anybody may have written, as text: numbers in full, times in ISO 8601 (UTC where the
 * file knows the zone), lists and structs as JSON, missing and NaN as NULL.
 *
 * @param column quoted name
 * @param type as DuckDB describes it
 */
export function parquetTextSql(column: string, type: string): string {
  const special = AS_TEXT.find(([pattern]) => pattern.test(type));
  return special?.[1](column) ?? `CAST(${column} AS VARCHAR)`;
}

/** The database's errors are plain ones, which begin with their kind. */
const OF_DATABASE = /^(\w+ )+Error: |^Error: /;
const OF_MEMORY = /Out of Memory Error|failed to (offload|allocate)/i;

/**
 * What the database says of a Parquet file that it can't read, as an error of the data.
 *
 * @returns undefined where the error tells of something else
 */
export function damagedParquet(name: string, error: unknown): DataError | undefined {
  if (!(error instanceof Error) || error instanceof PlatformError) return undefined;
  if (!OF_DATABASE.test(error.message) || OF_MEMORY.test(error.message)) return undefined;
  const why = error.message.split('\n')[0] ?? '';
  return new DataError(
    `${name}: can't be read as Parquet: ${why}; write it again, or convert it to CSV or JSONL`,
    { cause: error },
  );
}

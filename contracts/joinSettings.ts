import { z } from 'zod';

/** A table of which each row of the dataset gets the columns, found by a key: products, queries, labels. */
export const JoinConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,30}$/, 'lower-case letters, digits, "_" and "-"; at most 31')
    .describe('what figures, quarantine and messages call the table'),
  source: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('table with one row a key; paths as for dataset.source'),
  format: z.enum(['csv', 'tsv', 'jsonl', 'parquet']).optional().describe('by the file name where left out'),
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8').describe('of a text file'),
  on: z
    .union([z.string(), z.array(z.string()).min(1), z.record(z.string(), z.string())])
    .describe(
      'the key: columns that both have, or { column of the rows: column of the table }. Columns of earlier joins count',
    ),
  columns: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('columns of the table that rows get; all but the key where left out'),
  prefix: z
    .string()
    .default('')
    .describe("stands before the table's names, where rows have such columns already"),
  unmatched: z
    .enum(['keep', 'quarantine', 'error'])
    .default('keep')
    .describe(
      'rows without a match: keep (a left join: missing values), quarantine (an inner join), or error',
    ),
  duplicates: z
    .enum(['error', 'quarantine'])
    .default('error')
    .describe('keys that the table has twice: error, or quarantine for the rows that ask for them'),
});
export type JoinConfig = z.infer<typeof JoinConfig>;

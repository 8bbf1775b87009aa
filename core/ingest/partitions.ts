import type { RecordBlock } from './source.js';

/** What a file's folders say of its rows: `dt=2026-11-23/part.csv` gives the column `dt`. */
export interface Partition {
  readonly names: readonly string[];
  readonly values: readonly (string | null)[];
}

/** What Hive and Spark write for a missing value. */
const MISSING = '__HIVE_DEFAULT_PARTITION__';

/** Columns that folders of the form `name=value` give, in their order; the innermost of one name counts. */
export function partitionOf(uri: string): Partition {
  const found = new Map<string, string | null>();
  for (const folder of uri.split('/').slice(0, -1)) {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
    if (name === undefined) continue;
    found.set(decoded(name), value === '' || value === MISSING ? null : decoded(value!));
  }
  return { names: [...found.keys()], values: [...found.values()] };
}

/** Folders that are not in URI encoding say what they say. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The partition's columns that the file itself does not have. */
export function missingIn(header: readonly string[], { names, values }: Partition): Partition {
  const at = names.flatMap((name, i) => (header.includes(name) ? [] : [i]));
  return { names: at.map((i) => names[i]!), values: at.map((i) => values[i]!) };
}

/** The block with the partition's columns, which come first: a header may grow, at its end. */
export function withPartition(block: RecordBlock, { names, values }: Partition): RecordBlock {
  if (names.length === 0) return block;
  return {
    header: [...names, ...block.header],
    records: block.records.map(({ cells, line }) => ({ cells: [...values, ...cells], line })),
    unreadable: block.unreadable,
  };
}

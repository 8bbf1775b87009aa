import type { Columns } from '../../contracts/settings.js';
import type { Figures } from '../../contracts/stage.js';
import type { Drop, WorkTable } from './workTable.js';

/** Training rows whose features and target an earlier training row has, too. */
export function trainingDuplicates(table: WorkTable, columns: Columns): Drop[] {
  const first = new Map<string, string>();
  const drops: Drop[] = [];
  for (const row of table.training()) {
    const key = JSON.stringify([featureKey(table, columns, row), table.cell('target', row)]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, table.cell('id', row)!);
    else
      drops.push({ row, rule: 'duplicate', reason: `same features and target as "${earlier}", which stays` });
  }
  return drops;
}

/** What is kept but worth knowing: equal features with different targets, and equal features on several sides. */
export function reportDuplicates(table: WorkTable, columns: Columns): Figures {
  const groups = new Map<string, FeatureGroup>();
  for (const row of table.alive()) {
    const key = featureKey(table, columns, row);
    const [target, side] = [table.cell('target', row)!, table.side(row)];
    const group = groups.get(key);
    if (!group) groups.set(key, { target, side, rows: 1, conflicting: false, across: false });
    else {
      group.rows++;
      group.conflicting ||= group.target !== target;
      group.across ||= group.side !== side;
    }
  }
  let conflictingDuplicates = 0;
  let duplicatesAcrossSplits = 0;
  for (const { rows, conflicting, across } of groups.values()) {
    if (conflicting) conflictingDuplicates += rows;
    if (across) duplicatesAcrossSplits += rows;
  }
  return { conflictingDuplicates, duplicatesAcrossSplits };
}

/** Rows of equal features: target and side of the first, and whether others differ from it. */
interface FeatureGroup {
  readonly target: string;
  readonly side: string;
  rows: number;
  conflicting: boolean;
  across: boolean;
}

function featureKey(table: WorkTable, columns: Columns, row: number): string {
  const { text, attributes, categorical, numeric, vectors = {} } = columns;
  return JSON.stringify(
    [...text, ...attributes, ...categorical, ...numeric, ...Object.keys(vectors)].map(
      (name) => table.cell(name, row) ?? null,
    ),
  );
}

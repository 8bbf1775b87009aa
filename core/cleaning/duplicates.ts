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
  const targets = new Map<string, Set<string>>();
  const sides = new Map<string, Set<string>>();
  const keys = table.alive().map((row) => {
    const key = featureKey(table, columns, row);
    collect(targets, key, table.cell('target', row)!);
    collect(sides, key, table.side(row));
    return key;
  });
  return {
    conflictingDuplicates: keys.filter((key) => targets.get(key)!.size > 1).length,
    duplicatesAcrossSplits: keys.filter((key) => sides.get(key)!.size > 1).length,
  };
}

function featureKey(table: WorkTable, columns: Columns, row: number): string {
  const { text, attributes, categorical, numeric } = columns;
  return JSON.stringify(
    [...text, ...attributes, ...categorical, ...numeric].map((name) => table.cell(name, row) ?? null),
  );
}

function collect(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageContext } from '../contracts/store.js';
import { gather, integers } from '../core/table.js';

/** Table of what rules say of rows; one entry past the last holds the numbers of both. */
export const VOTE_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'rule', type: 'int32' },
  { name: 'says', type: 'int32' },
] as const;

/** What the stage `knowledge` wrote of the given rows: for every rule one number a row, in their order. */
export async function readVotes(
  ref: ArtifactRef,
  rows: Int32Array,
  { artifacts }: StageContext,
): Promise<Int8Array[]> {
  const table = await gather(artifacts.readTable(ref));
  const [row, rule, says] = ['row', 'rule', 'says'].map((name) => integers(table, name));
  const place = new Map(Array.from(rows, (one, at) => [one, at]));
  const votes = Array.from({ length: rule!.at(-1)! }, () => new Int8Array(rows.length));
  row!.forEach((one, i) => {
    const at = place.get(one);
    if (at !== undefined && says![i] !== 0) votes[rule![i]!]![at] = says![i]!;
  });
  return votes;
}

import type { ArtifactRef } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { numberColumn } from '../core/features/columns.js';
import { texts } from '../core/table.js';
import type { Task } from '../core/tasks/index.js';
import type { RowSource } from './rowSource.js';
import { SAMPLE_COLUMNS } from './sampleColumns.js';
import { groupNumbers } from './userGroups.js';

/** What is kept of every row while features are made: some 30 bytes. */
export interface SampleGround {
  readonly split: Int32Array; // (n,), index into SPLITS
  readonly targets: readonly (string | null)[]; // (n,), equal ones are one string
  readonly groups: Int32Array; // (n,), those that the user named
  readonly propensities?: Float64Array; // (n,)
}

/** Only where folds hold out rows of every group, and where rows were logged with known chances. */
const FOLD_GROUP = { name: 'fold_group', type: 'int32' } as const;
const PROPENSITY = { name: 'propensity', type: 'float64' } as const;

/** How rows were logged: the column that says by what chance, and the least that is believed. */
export interface Logged {
  readonly propensity?: string | undefined;
  readonly floor: number;
}

/** @throws DataError where a row's chance is missing or none */
export async function readGround(
  source: RowSource,
  { propensity, floor }: Logged,
  tell: (rows: number) => void,
): Promise<SampleGround> {
  if (propensity !== undefined && !source.columns.includes(propensity)) {
    throw new DataError(
      `dataset.columns.propensity: the dataset has no column "${propensity}"; it has ${source.columns.join(', ')}`,
    );
  }
  const { rows } = source;
  const split = new Int32Array(rows);
  const targets = new Array<string | null>(rows);
  const groups = new Int32Array(rows);
  const propensities = propensity === undefined ? undefined : new Float64Array(rows);
  const known = new Map<string, string>();
  const groupsOf = groupNumbers();
  let at = 0;
  const columns = ['id', 'split', 'target', 'group', propensity].filter((name) => name !== undefined);
  for await (const batch of source.read(columns.filter((name) => source.columns.includes(name)))) {
    texts(batch, 'split').forEach((side, row) => (split[at + row] = SPLITS.findIndex((one) => one === side)));
    texts(batch, 'target').forEach((target, row) => (targets[at + row] = kept(known, target)));
    groups.set(groupsOf(batch), at);
    if (propensity !== undefined) propensities?.set(chances(batch, propensity, floor), at);
    at += batch.rows;
    tell(at);
  }
  return { split, targets, groups, ...(propensities ? { propensities } : {}) };
}

/** The first of equal texts, so that the others can be let go. */
function kept(known: Map<string, string>, text: string | null): string | null {
  if (text === null) return null;
  const first = known.get(text);
  if (first === undefined) known.set(text, text);
  return first ?? text;
}

/** Chances that rows were logged, at least the floor. */
function chances(batch: ColumnBatch, column: string, floor: number): Float64Array {
  const given = numberColumn(batch, column);
  const wrong = given.findIndex((chance) => !(chance > 0 && chance <= 1));
  if (wrong < 0) return given.map((chance) => Math.max(chance, floor));
  throw new DataError(
    `dataset.columns.propensity: column "${column}" of row ${texts(batch, 'id')[wrong]} says ${given[wrong]}, expected a chance above 0 ` +
      'and at most 1; drop rows that were logged without one, or leave the column out',
  );
}

/** What was found of the rows beside. */
interface Encoded {
  readonly codes: Int32Array; // of targets
  readonly groups: Int32Array; // that folds keep whole
  readonly clusters: Int32Array; // of near-duplicates
}

/** What a model learns each row by, beside its features. */
export function writeSamples(
  source: RowSource,
  { split, propensities }: SampleGround,
  { codes, groups, clusters }: Encoded,
  { folds }: Task,
  artifacts: ArtifactStore,
): Promise<ArtifactRef> {
  const specs = [
    ...SAMPLE_COLUMNS,
    ...(folds === 'rows' ? [FOLD_GROUP] : []),
    ...(propensities ? [PROPENSITY] : []),
  ];
  async function* batches(): AsyncGenerator<ColumnBatch> {
    let from = 0;
    for await (const batch of source.read(['id'])) {
      const to = from + batch.rows;
      const row = Int32Array.from({ length: batch.rows }, (_, i) => from + i);
      const columns = {
        ...{ row, id: texts(batch, 'id'), split: split.subarray(from, to), target: codes.subarray(from, to) },
        ...{ group: groups.subarray(from, to), cluster: clusters.subarray(from, to) },
        ...(folds === 'rows' ? { fold_group: row } : {}),
        ...(propensities ? { propensity: propensities.subarray(from, to) } : {}),
      };
      yield { rows: batch.rows, columns };
      from = to;
    }
  }
  return artifacts.writeTable('samples', specs, batches());
}

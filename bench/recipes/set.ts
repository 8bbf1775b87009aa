import { createHash } from 'node:crypto';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { Columns } from '../../contracts/settings.js';
import { SPLITS } from '../../contracts/prepared.js';
import type { ModelInput } from '../../contracts/model.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { fitInputs, makeInput } from '../../core/features/inputs.js';
import { selectRows } from '../../core/sparse.js';
import { pickRows } from '../../core/table.js';
import type { BuiltinDataset } from '../../datasets/dataset.js';
import { loadOriginFiles } from '../../infra/originFiles.js';

/** A built-in set as the stages make it of its preset, without cleaning. */
export interface RecipeSet {
  readonly table: ColumnBatch;
  readonly columns: Columns;
  readonly split: Int32Array; // (n,), index into SPLITS
  readonly targets: readonly string[]; // (n,)
  readonly queries: Int32Array; // (n,)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function readSet(set: BuiltinDataset): Promise<RecipeSet> {
  const { header, rows } = await set.read({ files: await loadOriginFiles(set), sha256, seed: 42 });
  const columns = Columns.parse(set.preset.dataset.columns);
  const cells = (name: string): (string | null)[] => {
    const at = header.indexOf(name);
    return rows.map((row) => row[at] ?? null);
  };
  const group = columns.group === undefined ? undefined : cells(columns.group);
  const named = Object.fromEntries(header.map((name) => [name, cells(name)]));
  const numbers = new Map([...new Set(group)].map((name, at) => [name, at]));
  return {
    table: { rows: rows.length, columns: { ...named, ...(group ? { group } : {}) } },
    columns,
    split: Int32Array.from(cells('split'), (side) => SPLITS.indexOf(side as (typeof SPLITS)[number])),
    targets: cells(columns.target).map(String),
    queries: Int32Array.from(rows.keys(), (row) => (group ? numbers.get(group[row]!)! : row)),
  };
}

export const cellsOf = ({ table }: RecipeSet, name: string): (string | null)[] =>
  table.columns[name] as (string | null)[];

/** Features of all rows, learned from some. */
export function featuresOf(
  { table, columns }: RecipeSet,
  training: Int32Array,
  features: BuiltinDataset['preset']['features'],
): Extract<ModelInput, { kind: 'sparse' }> {
  const config = FeaturesConfig.parse(features ?? {});
  const { featurizer } = {
    featurizer: fitInputs([pickRows(table, training)], columns, config, {
      input: 'sparse',
      tokenizer: 'words',
    }),
  };
  const input = makeInput(featurizer, table);
  if (input.kind !== 'sparse') throw new RangeError(`expected sparse features, got ${input.kind}`);
  return input;
}

export const rowsOf = ({ matrix }: Extract<ModelInput, { kind: 'sparse' }>, rows: Int32Array) => ({
  kind: 'sparse' as const,
  matrix: selectRows(matrix, rows),
});

export const where = (split: Int32Array, ...sides: number[]): Int32Array =>
  Int32Array.from(split.keys()).filter((row) => sides.includes(split[row]!));

/** Boosted trees as the recipes have them. */
export const BOOSTED = { trees: 200, learningRate: 0.05, maxLeaves: 15, minSamplesLeaf: 20 };

/** Some rows to learn from, each counting 1. */
export const trainingOf = (
  {
    features,
    targets,
    outputs,
  }: {
    readonly features: Extract<ModelInput, { kind: 'sparse' }>;
    readonly targets: Int32Array;
    readonly outputs: number;
  },
  rows: Int32Array,
) => ({
  input: rowsOf(features, rows),
  targets: rows.map((row) => targets[row]!),
  outputs,
  sampleWeights: new Float64Array(rows.length).fill(1),
});

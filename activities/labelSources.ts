import { ConfigError } from '../contracts/errors.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { SourceTable } from '../contracts/summary.js';
import { type Evidence, sourceNoise } from '../core/importance/index.js';
import { gather } from '../core/table.js';
import { fitNoisePosterior } from '../core/weighting/index.js';
import { only } from './prepared.js';

/** Sources that a table shows, the noisiest first. */
const MOST_SHOWN = 1000;

/** Who or what gave each label of some rows. */
export interface LabelSources {
  readonly codes: Int32Array; // (n,)
  readonly names: readonly string[]; // by code
}

/**
 * Reads a column of the dataset as sources of labels; a missing value is a source of its own.
 *
 * @param rows of the run's table
 * @throws ConfigError where the dataset has no such column
 */
export async function readLabelSources(
  column: string,
  rows: Int32Array,
  inputs: Artifacts,
  { artifacts }: StageContext,
): Promise<LabelSources> {
  const ref = only(inputs, 'dataset');
  const names = (await artifacts.manifest(ref)).columns.map(({ name }) => name);
  if (!names.includes(column)) {
    const known = names.join(', ');
    throw new ConfigError(`importance.source: the dataset has no column "${column}"; it has ${known}`);
  }
  const table = await gather(artifacts.readTable(ref, { columns: [column] }));
  const values = table.columns[column] as ArrayLike<unknown>;
  const known = new Map<string, number>();
  const codes = rows.map((row) => {
    const name = String(values[row] ?? '(missing)');
    const code = known.get(name) ?? known.size;
    known.set(name, code);
    return code;
  });
  return { codes, names: [...known.keys()] };
}

/** Noise rate of every source, by the noise posterior of out-of-fold predictions. */
export function sourceTable(
  column: string,
  { codes, names }: LabelSources,
  { logits, targets, outputs }: Evidence,
): SourceTable {
  const { posterior } = fitNoisePosterior(logits!, targets, outputs);
  const { sources, mean, strength } = sourceNoise(
    posterior.map((right) => 1 - right),
    codes,
  );
  const rows = sources
    .slice(0, MOST_SHOWN)
    .map(({ source, samples, raw, rate, interval: { low, high } }) => ({
      name: names[source]!,
      ...{ samples, raw, rate, low, high },
    }));
  return { column, mean, strength, count: sources.length, sources: rows };
}

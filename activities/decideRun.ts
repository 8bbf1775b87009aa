import { DataError } from '../contracts/errors.js';
import { SPLITS, type Split } from '../contracts/prepared.js';
import type { Pool } from '../core/decide/plan.js';
import { argmaxRows } from '../core/probability.js';
import type { SampleTable } from './prepared.js';
import { readLogits, required, tracedSamples, type RowLogits, type RunTrace } from './runTrace.js';

/** A way of training that a run compares; the one that it ends with is `weighted`. */
export const ARMS = ['uniform', 'shuffled', 'weighted'] as const;
export type Arm = (typeof ARMS)[number];

/** A model of a run. */
export interface ModelChoice {
  readonly trace: RunTrace;
  readonly arm: Arm;
}

/** The same held-out rows as two models see them. */
export interface ModelPair {
  readonly pool: Pool;
  /** Of the pool's rows, in their order. */
  readonly ids: readonly string[];
  /** Second most probable class by the first model. */
  readonly nextBest: Int32Array;
  readonly classes: readonly string[];
  /** Rows of the side that only one of the two runs has. */
  readonly leftOut: number;
}

/** Sides that no model was trained on. */
export const HELD_OUT = ['validation', 'test'] as const satisfies readonly Split[];
type HeldOut = (typeof HELD_OUT)[number];

/**
 * Predictions of two models over the rows that both runs hold out.
 *
 * @throws DataError where a run has no such model, or the runs hold out no common row
 */
export async function modelPair(first: ModelChoice, second: ModelChoice, split: HeldOut): Promise<ModelPair> {
  const [own, other] = [await predicted(second, split), await predicted(first, split)];
  const { samples } = own;
  const classes = [...new Set([...samples.classes, ...other.samples.classes])];
  const translated = other.samples.classes.map((name) => classes.indexOf(name)); // samples.classes come first
  const ids = samples.ids.filter((id) => own.byId.has(id) && other.byId.has(id));
  if (ids.length === 0) {
    throw new DataError(
      `${first.trace.runId} and ${second.trace.runId} have no ${split} row in common: compare runs over the same data`,
    );
  }
  const row = new Map(samples.ids.map((id, at) => [id, at]));
  const codes = (said: Predicted, of: 'best' | 'next', id: string): number => said[of][said.byId.get(id)!]!;
  const pool = {
    first: Int32Array.from(ids, (id) => translated[codes(other, 'best', id)]!),
    second: Int32Array.from(ids, (id) => codes(own, 'best', id)),
    given: Int32Array.from(ids, (id) => samples.targets[row.get(id)!]!),
  };
  return {
    ...{ pool, ids, classes },
    nextBest: Int32Array.from(ids, (id) => translated[codes(other, 'next', id)]!),
    leftOut: own.byId.size + other.byId.size - 2 * ids.length,
  };
}

interface Predicted {
  readonly samples: SampleTable;
  /** Position in `best` and `next`. */
  readonly byId: ReadonlyMap<string, number>;
  readonly best: Int32Array;
  readonly next: Int32Array; // the second most probable class
}

async function predicted({ trace, arm }: ModelChoice, split: HeldOut): Promise<Predicted> {
  const samples = await tracedSamples(trace);
  const { rows, outputs, logits } = await armLogits(trace, arm, split);
  const best = argmaxRows(logits, outputs);
  const without = logits.slice();
  best.forEach((code, i) => (without[i * outputs + code] = -Infinity));
  const side = SPLITS.indexOf(split);
  const held = [...rows].flatMap((row, at) =>
    samples.split[row] === side ? [[samples.ids[row]!, at] as const] : [],
  );
  return { samples, byId: new Map(held), best, next: argmaxRows(without, outputs) };
}

function armLogits(trace: RunTrace, arm: Arm, split: HeldOut): Promise<RowLogits> {
  if (split === 'test') return readLogits(trace, required(trace, 'analyse', 'predictions'), { arm });
  const path = [...trace.shards.keys()].find((one) => one.startsWith(`loop.${arm}.fit.`));
  return readLogits(trace, required(trace, path ?? `loop.${arm}`, 'predictions'));
}

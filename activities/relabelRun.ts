import { ConfigError } from '../contracts/errors.js';
import { SPLITS } from '../contracts/prepared.js';
import { argsort } from '../core/argsort.js';
import type { Evidence } from '../core/importance/estimator.js';
import { argmaxRows, softmaxRows } from '../core/probability.js';
import { VERIFIED_AT } from '../core/relabel/newVersion.js';
import { reviewOrder } from '../core/relabel/reviewOrder.js';
import { gather, integers, numbers, texts } from '../core/table.js';
import { fitNoisePosterior } from '../core/weighting/index.js';
import type { SampleTable } from './prepared.js';
import { readLogits, required, type RowLogits, type RunTrace } from './runTrace.js';
import { worksheet, type Sheet } from './worksheet.js';

/** Rows whose labels may be checked, the most suspicious first. All arrays are in that order. */
export interface ReviewList {
  readonly rows: Int32Array; // of the run's samples
  readonly suggested: Int32Array; // class codes, by models that never saw the row
  readonly probability: Float64Array; // of the suggested label
  readonly givenProbability: Float64Array;
  /** Probability that the given label is wrong, by the noise model. */
  readonly wrong: Float64Array;
  /** Rows that are not listed: somebody has verified them for an earlier version of the dataset. */
  readonly verified: number;
}

export interface ReviewSettings {
  /** `score`: as the run scored; else one of REVIEW_ORDERS. */
  readonly order: string;
  /** Rows of the validation split too. */
  readonly validation: boolean;
  readonly seed: number;
}

/**
 * Orders rows by how much their labels deserve a check, from the out-of-fold evidence of the run's first round.
 *
 * @throws ConfigError where there is no such order
 */
export async function reviewList(
  trace: RunTrace,
  samples: SampleTable,
  { order, validation, seed }: ReviewSettings,
): Promise<ReviewList> {
  const { rows, outputs, logits } = await evidenceOf(trace, samples, validation);
  const targets = rows.map((row) => samples.targets[row]!);
  const evidence: Evidence = { targets, outputs, logits };
  const own = order === 'score' ? await ownOrder(trace, rows, validation) : undefined;
  const verified = await verifiedRows(trace);
  const ranked = (own ?? reviewOrder(order, evidence, seed)).filter((at) => !verified.has(rows[at]!));
  const probabilities = softmaxRows(logits, outputs);
  const suggested = argmaxRows(logits, outputs);
  const { posterior } = fitNoisePosterior(logits, targets, outputs);
  return {
    rows: ranked.map((at) => rows[at]!),
    suggested: ranked.map((at) => suggested[at]!),
    probability: Float64Array.from(ranked, (at) => probabilities[at * outputs + suggested[at]!]!),
    givenProbability: Float64Array.from(ranked, (at) => probabilities[at * outputs + targets[at]!]!),
    wrong: Float64Array.from(ranked, (at) => 1 - posterior[at]!),
    verified: rows.length - ranked.length,
  };
}

/** Rows whose labels people have checked, as the dataset itself says. */
async function verifiedRows(trace: RunTrace): Promise<Set<number>> {
  const ref = required(trace, 'clean', 'dataset');
  const { columns } = await trace.artifacts.manifest(ref);
  if (!columns.some(({ name }) => name === VERIFIED_AT)) return new Set();
  const table = await gather(trace.artifacts.readTable(ref, { columns: [VERIFIED_AT] }));
  const times = texts(table, VERIFIED_AT);
  return new Set([...times.keys()].filter((row) => times[row] !== null));
}

/** Logits of models that never saw the row: of training rows by inner folds, of validation rows by the uniform model. */
async function evidenceOf(trace: RunTrace, samples: SampleTable, validation: boolean): Promise<RowLogits> {
  const training = await readLogits(trace, required(trace, 'importance.weigh.full', 'best'));
  if (!validation) return training;
  const strength = Number(trace.shards.get('train.choose')?.figures['strength']);
  const predictions = required(trace, 'train.fit.uniform.full', 'predictions');
  const known = new Set([...samples.targets.keys()].filter((row) => samples.targets[row]! >= 0));
  const held = await readLogits(trace, predictions, { strength }, known);
  return {
    outputs: training.outputs,
    rows: Int32Array.of(...training.rows, ...held.rows),
    logits: joined(training.logits, held.logits),
  };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** By the run's own scores. */
async function ownOrder(trace: RunTrace, rows: Int32Array, validation: boolean): Promise<Int32Array> {
  if (validation) {
    throw new ConfigError(
      '--order score: the run has scores of training rows only; with --validation name another order',
    );
  }
  const table = await gather(trace.artifacts.readTable(required(trace, 'importance.weigh.full', 'scores')));
  const scores = numbers(table, 'score');
  const of = new Map([...integers(table, 'row')].map((row, i) => [row, scores[i]!]));
  return argsort(Float64Array.from(rows, (row) => of.get(row) ?? NaN));
}

/** The first rows of a list as a worksheet, with what is given and what is suggested. */
export function reviewSheet(
  trace: RunTrace,
  samples: SampleTable,
  list: ReviewList,
  budget: number,
): Promise<Sheet> {
  const rows = list.rows.subarray(0, budget);
  const label = (code: number): string => samples.classes[code] ?? '';
  return worksheet(trace, rows, [
    ['rank', Int32Array.from(rows, (_, at) => at + 1)],
    ['split', Array.from(rows, (row) => SPLITS[samples.split[row]!]!)],
    ['given_label', Array.from(rows, (row) => label(samples.targets[row]!))],
    ['suggested_label', Array.from(rows, (_, at) => label(list.suggested[at]!))],
    ['probability', list.probability.subarray(0, budget).map(rounded)],
    ['given_probability', list.givenProbability.subarray(0, budget).map(rounded)],
  ]);
}

/** As people read it in a spreadsheet. */
const rounded = (probability: number): number => Math.round(probability * 1e4) / 1e4;

import type { Engine } from '../contracts/engine.js';
import { DataError } from '../contracts/errors.js';
import { SPLITS, type Split } from '../contracts/prepared.js';
import type { ColumnBatch } from '../contracts/table.js';
import { similarRows } from '../core/explain/similarRows.js';
import type { WeightHistory } from '../core/explain/weightHistory.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import { nearestNames } from '../core/nearestName.js';
import type { QuarantinedRow } from '../core/quarantine.js';
import { gather, integers, numbers, pickRows, texts } from '../core/table.js';
import { fitNoisePosterior } from '../core/weighting/index.js';
import { explainPrediction, type PredictionExplanation } from './explainPrediction.js';
import { explainWeights } from './explainWeights.js';
import { readFeatures } from './featureTable.js';
import type { SampleTable } from './prepared.js';
import { readLogits, required, traced, tracedSamples, type RunTrace } from './runTrace.js';
import { unitPredictions, type UnitPrediction } from './unitPredictions.js';

/** Another sample, as far as it tells something of the explained one. */
export interface RelatedSample {
  readonly id: string;
  readonly split: Split;
  readonly label: string;
}

/** Where a sample stands among the training samples. */
export interface ScoreStanding {
  readonly estimator: string;
  readonly value: number;
  readonly rank: number; // 1 = the least important
  readonly of: number;
  readonly percentile: number; // share of training samples with a lower score, in [0, 1]
}

/** Everything that a run knows of one sample. Null or empty: the run has not come so far, or it makes no sense there. */
export interface SampleExplanation {
  readonly runId: string;
  readonly id: string;
  /** Null where cleaning dropped it. */
  readonly sample: {
    readonly split: Split;
    readonly label: string;
    readonly columns: Readonly<Record<string, string | number | null>>;
  } | null;
  /** Rows of this id that were put aside. */
  readonly quarantined: readonly QuarantinedRow[];
  readonly score: ScoreStanding | null;
  readonly weights: WeightHistory | null;
  /** What models that never saw the sample would call it. */
  readonly suggestion: {
    readonly label: string;
    readonly probability: number;
    readonly givenProbability: number;
    /** Of the given label, by the noise model; null where there is none for this side. */
    readonly labelIsRight: number | null;
  } | null;
  readonly predictions: readonly UnitPrediction[];
  readonly neighbours: readonly (RelatedSample & { readonly cosine: number })[];
  /** Samples of its near-duplicate cluster, itself left out. */
  readonly duplicates: readonly RelatedSample[];
  readonly duplicatesConflict: boolean;
  /** Why the final model says what it says; null where there is none that can be taken apart. */
  readonly prediction: PredictionExplanation | null;
}

/** What is asked of a sample. */
interface Question {
  readonly neighbours: number; // how many to list
  /** Class to explain the prediction for; else the predicted one. */
  readonly toward?: string;
  /** Of models that compute with one. */
  readonly engine: () => Promise<Engine>;
}

const OWN_COLUMNS = ['id', 'split', 'target'];
const SUGGESTED_IDS = 3;

/**
 * Why a sample weighs what it weighs: gathered from what the run has written, nothing is trained.
 *
 * @throws DataError where neither the table nor the quarantine has such an id; it names the nearest ones
 */
export async function explainSample(
  trace: RunTrace,
  id: string,
  { neighbours, toward, engine }: Question,
): Promise<SampleExplanation> {
  const quarantined = await putAside(trace, id);
  const samples = await tracedSamples(trace);
  const row = samples.ids.indexOf(id);
  if (row < 0 && quarantined.length === 0) throw unknown(trace.runId, id, samples.ids);
  if (row < 0) return { ...nothingOf(trace.runId, id), quarantined };
  const predictions = await unitPredictions(trace, samples, row);
  const own =
    predictions.find(({ unit, model }) => unit === FULL_UNIT && model !== 'final') ?? predictions[0];
  const related = (other: number): RelatedSample => ({
    id: samples.ids[other]!,
    split: SPLITS[samples.split[other]!]!,
    label: samples.classes[samples.targets[other]!] ?? '',
  });
  const cluster = [...samples.ids.keys()].filter(
    (other) => other !== row && samples.clusters[other] === samples.clusters[row],
  );
  return {
    ...{ runId: trace.runId, id, quarantined, predictions },
    sample: await sampleOf(trace, samples, row),
    score: await standing(trace, row),
    weights: await explainWeights(trace, samples, row),
    suggestion: own
      ? {
          label: own.predicted,
          probability: own.probability,
          givenProbability: own.givenProbability,
          labelIsRight: await labelIsRight(trace, samples, row),
        }
      : null,
    neighbours: await neighboursOf(trace, samples, row, neighbours, related),
    duplicates: cluster.map(related),
    duplicatesConflict: cluster.some((other) => samples.targets[other] !== samples.targets[row]),
    prediction: (await explainPrediction(trace, samples, row, toward, engine)) ?? null,
  };
}

const nothingOf = (runId: string, id: string): SampleExplanation => ({
  ...{ runId, id, sample: null, quarantined: [], score: null, weights: null, suggestion: null },
  ...{ predictions: [], neighbours: [], duplicates: [], duplicatesConflict: false, prediction: null },
});

function unknown(runId: string, id: string, ids: readonly string[]): DataError {
  const near = nearestNames(id, ids, SUGGESTED_IDS).map((name) => `"${name}"`);
  const advice = near.length > 0 ? `did you mean ${near.join(', ')}?` : `its ids look like "${ids[0] ?? ''}"`;
  return new DataError(`${runId} has no sample "${id}", kept or put aside; ${advice}`);
}

async function putAside(trace: RunTrace, id: string): Promise<QuarantinedRow[]> {
  const found: QuarantinedRow[] = [];
  const ref = required(trace, 'clean', 'quarantine');
  for await (const batch of trace.artifacts.readTable(ref)) {
    texts(batch, 'id').forEach((name, i) => {
      if (name !== id) return;
      const text = (column: string): string | null => texts(batch, column)[i] ?? null;
      found.push({
        ...{ id, file: text('file'), line: numbers(batch, 'line')[i]! },
        ...{ stage: text('stage') ?? '', rule: text('rule') ?? '', reason: text('reason') ?? '' },
        record: text('record') ?? '',
      });
    });
  }
  return found;
}

async function sampleOf(
  trace: RunTrace,
  samples: SampleTable,
  row: number,
): Promise<SampleExplanation['sample']> {
  const cells = await rowAt(trace, row);
  const columns: Record<string, string | number | null> = {};
  for (const [name, column] of Object.entries(cells.columns)) {
    const value = (column as ArrayLike<string | number | null>)[0] ?? null;
    if (!OWN_COLUMNS.includes(name)) columns[name] = Number.isNaN(value) ? null : value;
  }
  return {
    split: SPLITS[samples.split[row]!]!,
    label: texts(cells, 'target')[0] ?? '',
    columns,
  };
}

/** One row of the cleaned table. */
async function rowAt(trace: RunTrace, row: number): Promise<ColumnBatch> {
  let first = 0;
  for await (const batch of trace.artifacts.readTable(required(trace, 'clean', 'dataset'))) {
    if (row < first + batch.rows) return pickRows(batch, Int32Array.of(row - first));
    first += batch.rows;
  }
  throw new DataError(`${trace.runId}: the cleaned table ends before row ${row}`);
}

async function standing(trace: RunTrace, row: number): Promise<ScoreStanding | null> {
  const ref = traced(trace, 'importance.weigh.full', 'scores');
  if (!ref) return null;
  const table = await gather(trace.artifacts.readTable(ref));
  const scores = numbers(table, 'score');
  const value = scores[integers(table, 'row').indexOf(row)];
  if (value === undefined) return null;
  const below = scores.filter((score) => score < value).length;
  const { estimator } = trace.config.importance;
  return { estimator, value, rank: below + 1, of: scores.length, percentile: below / scores.length };
}

async function labelIsRight(trace: RunTrace, samples: SampleTable, row: number): Promise<number | null> {
  const best = traced(trace, 'importance.weigh.full', 'best');
  if (!best || samples.split[row] !== 0) return null;
  const { rows, outputs, logits } = await readLogits(trace, best);
  const targets = rows.map((one) => samples.targets[one]!);
  return fitNoisePosterior(logits, targets, outputs).posterior[rows.indexOf(row)] ?? null;
}

/** Labels of the test split stay unseen. */
async function neighboursOf(
  trace: RunTrace,
  samples: SampleTable,
  row: number,
  limit: number,
  related: (row: number) => RelatedSample,
): Promise<SampleExplanation['neighbours']> {
  const ref = traced(trace, 'featurize', 'features');
  if (!ref || limit === 0) return [];
  const input = await readFeatures(trace.artifacts, ref, samples.ids.length);
  const candidates = Int32Array.from(samples.ids.keys()).filter((other) => samples.split[other] !== 2);
  return similarRows(input, row, candidates, limit).map(({ row: other, cosine }) => ({
    ...related(other),
    cosine,
  }));
}

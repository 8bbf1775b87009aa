import type * as TF from '@tensorflow/tfjs-core';
import type { AttributionRequest, Batches, Engine, HostTensor, Network } from '../../contracts/engine.js';
import { ConfigError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';
import type { Attribution, TrainingSet } from '../../contracts/model.js';
import { gradeBaseline, rankedQueries, type PairLoss } from '../../core/ranking/pairs.js';
import { queriesOf } from '../trainingRows.js';
import { shrinks, type Logits } from './classifier.js';
import { tensorNamed } from './dense.js';

/** All pairs of a query are compared at once. */
const MOST_ITEMS = 512;
const BASELINE = 'grades.baseline';

/** How a network's one score becomes logits of grades, to be kept among its tensors: ln of the shares of grades, (K,). */
export const baselineTensor = ({ targets, sampleWeights, outputs }: TrainingSet): Tensor => ({
  name: BASELINE,
  shape: [outputs],
  data: gradeBaseline(targets, sampleWeights, outputs),
});

/** What {@link baselineTensor} made; undefined of a network that was not trained on pairs. */
export function baselineOf(tensors: readonly Tensor[]): Float64Array | undefined {
  const held = tensors.find(({ name }) => name === BASELINE)?.data;
  return held && Float64Array.from(held);
}

/** The tensors without it. */
export const withoutBaseline = (tensors: readonly Tensor[]): Tensor[] =>
  tensors.filter(({ name }) => name !== BASELINE);

/** What makes a score, in terms of the logits of grades that it becomes. */
export function attributeScore(
  engine: Engine,
  asked: Omit<AttributionRequest, 'contrast'>,
  contrast: Float64Array,
  baseline: Float64Array,
): Attribution {
  const K = baseline.length;
  const summed = (of: (k: number) => number): Float64Array =>
    Float64Array.from({ length: contrast.length / K }, (_, row) =>
      baseline.reduce((sum, _one, k) => sum + contrast[row * K + k]! * of(k), 0),
    );
  const found = engine.attribute({ ...asked, contrast: summed((k) => k / Math.max(1, K - 1)) });
  const constant = summed((k) => baseline[k]!);
  const raised = (values: Float64Array): Float64Array => values.map((value, row) => value + constant[row]!);
  return { ...found, outputs: raised(found.outputs), baselines: raised(found.baselines) };
}

/** Mean loss over the pairs of each query, by a network that gives every item one score. */
export const rankingNetwork = (logits: Logits, loss: PairLoss): Network => ({
  outputs: logits,
  decays: shrinks,
  loss(ops, parameters, inputs) {
    const pairs = tensorNamed<TF.Tensor3D>(inputs, 'pairs'); // (q, m, m)
    const [queries, items] = pairs.shape;
    const scores = ops.tf.reshape(logits(ops, parameters, inputs), [queries, items]) as TF.Tensor2D;
    if (loss.kind === 'rankNet') return ops.pairLoss(scores, pairs);
    const [real, order] = [
      tensorNamed<TF.Tensor2D>(inputs, 'real'),
      tensorNamed<TF.Tensor2D>(inputs, 'order'),
    ];
    return ops.pairLoss(scores, pairs, { real, order, depth: loss.depth });
  },
});

/** Queries as an engine's rows. */
export interface RankingRows {
  readonly batches: Batches;
  readonly sampleWeights: Float64Array; // (q,), of all rows of each query together
  readonly batchSize: number; // queries that have about as many rows
}

/**
 * Rows of a training set by query: those of positive weight, in queries that have several grades.
 *
 * @param read reads rows as a batch
 * @param batchRows rows of a batch
 * @throws ConfigError where a query has too many rows, or no query has rows of different grades
 */
export function rankingRows(
  name: string,
  training: TrainingSet,
  loss: PairLoss,
  read: (rows: Int32Array) => Readonly<Record<string, HostTensor>>,
  batchRows: number,
): RankingRows {
  const { targets, sampleWeights } = training;
  const present = Int32Array.from(sampleWeights.keys()).filter((row) => sampleWeights[row]! > 0);
  const all = queriesOf(training);
  const queries = rankedQueries(
    present.map((row) => all[row]!),
    present.map((row) => targets[row]!),
  ).map((members) => members.map((at) => present[at]!));
  const largest = queries.reduce((most, { length }) => Math.max(most, length), 0);
  if (queries.length === 0)
    throw new ConfigError(
      `model ${name}: no query has rows of different grades, so ${loss.kind} has no pairs to learn from`,
    );
  if (largest > MOST_ITEMS)
    throw new ConfigError(
      `model ${name}: ${loss.kind} compares all pairs of a query at once, at most ${MOST_ITEMS} rows; the largest query has ${largest}. ` +
        'Take model trees or linear, or task.loss: pointwise',
    );
  const rows = queries.reduce((sum, { length }) => sum + length, 0);
  return {
    batches: {
      rows: queries.length,
      read: (asked) =>
        readQueries(
          Array.from(asked, (query) => queries[query]!),
          training,
          loss,
          read,
        ),
    },
    sampleWeights: Float64Array.from(queries, (own) =>
      own.reduce((sum, row) => sum + sampleWeights[row]!, 0),
    ),
    batchSize: Math.max(1, Math.round((batchRows * queries.length) / rows)),
  };
}

/** Queries side by side, each filled up to the same number of items by its first one, which has no pair there. */
function readQueries(
  queries: readonly Int32Array[],
  training: TrainingSet,
  loss: PairLoss,
  read: (rows: Int32Array) => Readonly<Record<string, HostTensor>>,
): Readonly<Record<string, HostTensor>> {
  const items = evenLength(queries.reduce((most, { length }) => Math.max(most, length), 0));
  const rows = new Int32Array(queries.length * items);
  const pairs = new Float32Array(queries.length * items * items);
  const real = new Float32Array(queries.length * items);
  queries.forEach((own, q) => {
    rows.fill(own[0]!, q * items, (q + 1) * items);
    rows.set(own, q * items);
    real.fill(1, q * items, q * items + own.length);
    fillPairs(own, training, loss, items, pairs.subarray(q * items * items, (q + 1) * items * items));
  });
  const shape = [queries.length, items];
  const order = Float32Array.from(rows, (_, at) => at % items);
  return {
    ...read(rows),
    pairs: { shape: [queries.length, items, items], data: pairs },
    ...(loss.kind === 'lambdaRank' ? { real: { shape, data: real }, order: { shape, data: order } } : {}),
  };
}

/** Of few lengths, since each is traced once: multiples of 4 up to 16, of 16 above. */
const evenLength = (needed: number): number =>
  needed <= 16 ? 4 * Math.ceil(needed / 4) : 16 * Math.ceil(needed / 16);

/** Weight of each pair (better, worse) before places count: the rows' mean weight, times the gain's difference of the ideal NDCG. */
function fillPairs(
  own: Int32Array,
  { targets, sampleWeights }: TrainingSet,
  loss: PairLoss,
  items: number,
  out: Float32Array,
): void {
  const gains = Array.from(own, (row) => 2 ** targets[row]! - 1);
  const ideal = loss.kind === 'lambdaRank' ? idealOf(gains, loss.depth) : 1;
  own.forEach((better, i) =>
    own.forEach((worse, j) => {
      if (targets[better]! <= targets[worse]!) return;
      const worth = loss.kind === 'lambdaRank' ? (gains[i]! - gains[j]!) / ideal : 1;
      out[i * items + j] = (worth * (sampleWeights[better]! + sampleWeights[worse]!)) / 2;
    }),
  );
}

const idealOf = (gains: readonly number[], depth: number): number =>
  [...gains]
    .sort((a, b) => b - a)
    .slice(0, depth)
    .reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);

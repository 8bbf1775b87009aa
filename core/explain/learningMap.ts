import type { DataMapSummary } from '../../contracts/detail.js';
import type { DataMap } from '../importance/cartography.js';
import { argmaxRows } from '../probability.js';
import { seeded } from '../random.js';

/** More points than this tell no more, and make a page heavy. */
const MOST_POINTS = 1000;
const SURE = 0.5; // margin between the two most probable classes
/** Shares of epochs in which the label was predicted. */
const LEARNED = 0.8;
const MISSED = 0.2;

/**
 * A map of samples by what models that never saw them say: how sure they are (the margin between their two most
 * probable classes) against the probability of the given label. Bottom right are wrong labels: sure, and of another class.
 *
 * @param probabilities (n, K)
 * @param idOf of a row, to be told with its point
 */
export function outOfFoldMap(
  probabilities: Float64Array,
  targets: Int32Array,
  outputs: number,
  seed: number,
  idOf?: (row: number) => string,
): DataMapSummary {
  const said = argmaxRows(probabilities, outputs);
  const margins = Float64Array.from(said, (best, row) =>
    marginOf(probabilities, row * outputs, outputs, best),
  );
  const right = Float64Array.from(targets, (target, row) => (target === said[row] ? 1 : 0));
  const isSure = (row: number): boolean => margins[row]! >= SURE;
  return summary('outOfFold', seed, {
    x: margins,
    y: Float64Array.from(targets, (target, row) => probabilities[row * outputs + target]!),
    right,
    isEasy: (row) => isSure(row) && right[row] === 1,
    isHard: (row) => isSure(row) && right[row] === 0,
    idOf,
  });
}

/** A map of samples by how they were learned over the epochs. @source Swayamdipta et al., Dataset Cartography, EMNLP 2020 */
export const dynamicsMap = (
  { confidence, variability, correctness }: DataMap,
  seed: number,
  idOf?: (row: number) => string,
): DataMapSummary =>
  summary('dynamics', seed, {
    x: variability,
    y: confidence,
    right: correctness,
    isEasy: (row) => correctness[row]! >= LEARNED,
    isHard: (row) => correctness[row]! <= MISSED,
    idOf,
  });

interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly right: Float64Array;
  readonly isEasy: (row: number) => boolean;
  readonly isHard: (row: number) => boolean;
  readonly idOf: ((row: number) => string) | undefined;
}

function summary(kind: DataMapSummary['kind'], seed: number, places: Places): DataMapSummary {
  const { x, y, right, isEasy, isHard, idOf } = places;
  const rows = Int32Array.from(x.keys());
  const share = (fits: (row: number) => boolean): number =>
    rows.filter(fits).length / Math.max(rows.length, 1);
  const [easy, hard] = [share(isEasy), share(isHard)];
  const shuffled = rows.slice();
  if (rows.length > MOST_POINTS) seeded(seed, 'learningMap').shuffle(shuffled);
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  const pointOf = (row: number): DataMapSummary['points'][number] => {
    const place = [x, y, right].map((values) => rounded(values[row]!)) as [number, number, number];
    return idOf ? [...place, idOf(row)] : place;
  };
  return {
    kind,
    samples: rows.length,
    points: Array.from(shuffled.subarray(0, MOST_POINTS), pointOf),
    regions: { easy, hard, ambiguous: Math.max(0, 1 - easy - hard) },
  };
}

function marginOf(probabilities: Float64Array, start: number, outputs: number, best: number): number {
  let second = 0;
  for (let c = 0; c < outputs; c++) {
    if (c !== best) second = Math.max(second, probabilities[start + c]!);
  }
  return probabilities[start + best]! - second;
}

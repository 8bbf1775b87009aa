import { ConfigError, DataError } from '../../contracts/errors.js';
import { metricByName } from '../metrics/index.js';
import { argmaxRows, softmaxRows } from '../probability.js';
import type { EncodedTargets, Judged, Task } from './task.js';

/** Above this excess of the commonest class over chance, accuracy can be had by guessing. */
const UNBALANCED = 0.25;

/** How far a right sample counts, by metric. Only metrics that are sums over samples can choose candidates. */
const MERITS: Readonly<Record<string, (judged: Judged) => Float64Array>> = {
  accuracy: right,
  recall_macro: rightByClass,
  f1_macro: rightByClass,
};

/** One class for each sample, judged by the label. */
export const classification: Task = {
  name: 'classification',
  judges: 'samples',
  weighs: 'samples',
  duplicates: 'join',
  loss: { kind: 'crossEntropy' },
  estimator: 'pvi',
  aleatoric: false,
  metrics: [
    'accuracy',
    'f1_macro',
    'f1_weighted',
    'precision_macro',
    'recall_macro',
    'log_loss',
    'roc_auc',
    'average_precision',
    'ece',
  ],
  estimated: ['accuracy', 'f1_macro', 'f1_weighted', 'precision_macro', 'recall_macro', 'log_loss', 'ece'],
  measure: measureClasses,
  unitsOf: ({ targets }) => Int32Array.from(targets.keys()),
  /**
   * Macro F1 where the largest share s of K classes is unbalanced, (s − 1/K)/(1 − 1/K) > 1/4 (two classes: above 62.5%);
   * else accuracy. Rare classes beside many even ones don't make a set unbalanced.
   */
  choiceMetric(shares) {
    const chance = 1 / shares.length;
    const excess = (Math.max(...shares) - chance) / (1 - chance);
    return excess > UNBALANCED ? 'f1_macro' : 'accuracy';
  },
  encode(values, classes = learnClasses(values)): EncodedTargets {
    const codes = new Map(classes.map((name, code) => [name, code]));
    return { codes: Int32Array.from(values, (value) => codeOf(codes, value)), classes };
  },
  /**
   * For `accuracy`: 1 where right. Macro F1 is no sum over samples; in its place stands balanced accuracy (the mean of
   * the classes' recalls): 1/(K·share of the class) where right, over the K classes that are present.
   */
  merit(judged, metric) {
    const merit = MERITS[metric];
    if (merit) return merit(judged);
    throw new ConfigError(
      `loop.metric: expected ${Object.keys(MERITS).join(' | ')} (a sum over samples, for the acceptance test), got "${metric}"`,
    );
  },
};

/** Metrics of classes and their probabilities, by scikit-learn's names; those with weights are the twins `name[sample_weight]`. */
export function measureClasses(
  names: readonly string[],
  { targets, logits }: Judged,
): (sampleWeights?: Float64Array) => number[] {
  const input = { targets, probabilities: softmaxRows(logits.values, logits.cols), outputs: logits.cols };
  const plain = names.map(metricByName);
  const twins = names.map((name) => metricByName(name.endsWith(']') ? name : `${name}[sample_weight]`));
  return (sampleWeights) =>
    sampleWeights
      ? twins.map((metric) => metric.compute({ ...input, sampleWeights }))
      : plain.map((metric) => metric.compute(input));
}

function learnClasses(values: readonly (string | null)[]): string[] {
  const classes = [...new Set(values.filter((value) => value !== null))].sort();
  if (classes.length >= 2) return classes;
  const found = classes.length === 0 ? 'none' : `only ${JSON.stringify(classes[0])}`;
  throw new DataError(
    `target: expected at least two classes among the training rows, found ${found} in ${values.length} rows; ` +
      'check dataset.columns.target and the split',
  );
}

const codeOf = (codes: ReadonlyMap<string, number>, value: string | null): number =>
  (value === null ? undefined : codes.get(value)) ?? -1;

function right({ targets, logits }: Judged): Float64Array {
  const predicted = argmaxRows(logits.values, logits.cols);
  return Float64Array.from(targets, (target, i) => (predicted[i] === target ? 1 : 0));
}

function rightByClass(judged: Judged): Float64Array {
  const { targets, sampleWeights } = judged;
  const mass = new Map<number, number>(); // class → weight of its samples
  let total = 0;
  targets.forEach((target, i) => {
    const weight = sampleWeights?.[i] ?? 1;
    mass.set(target, (mass.get(target) ?? 0) + weight);
    total += weight;
  });
  const present = [...mass.values()].filter((weight) => weight > 0).length;
  return right(judged).map((hit, i) => {
    const share = mass.get(targets[i]!)! / total;
    return share > 0 ? hit / (present * share) : 0;
  });
}

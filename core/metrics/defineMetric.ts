import type { Metric, MetricInput } from './metric.js';

/** A metric and its twin that uses sample weights and says so in its name, `f1_macro[sample_weight]`. */
export interface MetricPair extends Metric {
  readonly weighted: Metric;
}

/** What a metric's file says of it; `compute` gets a weight for each sample, all 1 for the plain metric. */
export interface MetricDefinition {
  readonly name: string;
  readonly range: readonly [number, number];
  readonly higherIsBetter: boolean;
  compute(input: MetricInput, weights: Float64Array): number;
}

/**
 * Makes the plain metric, which leaves sample weights aside even where they are given, and its weighted twin, for which
 * weight 2 is the sample twice and weight 0 is the sample absent.
 *
 * Both throw RangeError where shapes or codes don't fit, or no sample has weight.
 */
export function defineMetric({ name, range, higherIsBetter, compute }: MetricDefinition): MetricPair {
  return {
    name,
    range,
    higherIsBetter,
    compute(input) {
      check(name, input);
      return compute(input, new Float64Array(input.targets.length).fill(1));
    },
    weighted: {
      name: `${name}[sample_weight]`,
      range,
      higherIsBetter,
      compute(input) {
        check(name, input);
        return compute(input, checkedWeights(name, input));
      },
    },
  };
}

function check(name: string, { targets, probabilities, outputs }: MetricInput): void {
  const n = targets.length;
  if (n === 0) throw new RangeError(`${name}: expected at least one sample, got none`);
  if (probabilities.length !== n * outputs) {
    throw new RangeError(
      `${name}: expected probabilities of ${n} × ${outputs} = ${n * outputs} numbers, got ${probabilities.length}`,
    );
  }
  for (let i = 0; i < n; i++) {
    if (targets[i]! >= 0 && targets[i]! < outputs) continue;
    throw new RangeError(`${name}: expected targets[${i}] in [0, ${outputs}), got ${targets[i]}`);
  }
}

function checkedWeights(name: string, { targets, sampleWeights }: MetricInput): Float64Array {
  if (sampleWeights?.length !== targets.length) {
    throw new RangeError(
      `${name}[sample_weight]: expected ${targets.length} sample weights, got ${sampleWeights?.length ?? 'none'}`,
    );
  }
  let some = false;
  for (const weight of sampleWeights) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`${name}[sample_weight]: expected finite weights of at least 0, got ${weight}`);
    }
    some ||= weight > 0;
  }
  if (!some) throw new RangeError(`${name}[sample_weight]: expected a sample with weight, all are 0`);
  return sampleWeights;
}

import type { CsrMatrix, Tensor } from '../../contracts/matrix.js';
import { StoreError } from '../../contracts/errors.js';
import { softplus } from './links.js';
import { multiply } from './multiply.js';

export type Scheme = 'softmax' | 'oneVsRest';

/** A fitted linear model, one column a class. */
export interface LinearParameters {
  readonly scheme: Scheme;
  readonly features: number; // d
  readonly outputs: number; // K
  readonly weights: Float64Array; // (d, K), row-major
  readonly intercept: Float64Array; // (K,)
}

/** Intercept of a class that training never saw: its probability is about e⁻³⁰, its logit still finite. */
export const ABSENT = -30;

/** A model without weights: every class as likely as the others, except those that are absent. */
export const emptyParameters = (scheme: Scheme, features: number, outputs: number): LinearParameters => ({
  scheme,
  features,
  outputs,
  weights: new Float64Array(features * outputs),
  intercept: new Float64Array(outputs).fill(ABSENT),
});

/**
 * Logits, (n × K), whose softmax gives the class probabilities; for one-vs-rest the logarithms of the classes'
 * sigmoid probabilities, brought to sum 1.
 *
 * @throws RangeError if the matrix has another number of features
 */
export function logitsOf(parameters: LinearParameters, matrix: CsrMatrix): Float64Array {
  const { features, outputs, weights, intercept, scheme } = parameters;
  if (matrix.cols !== features) {
    throw new RangeError(`linear model: expected ${features} features, got ${matrix.cols}`);
  }
  const logits = new Float64Array(matrix.rows * outputs);
  multiply(matrix, weights, outputs, logits);
  for (let at = 0; at < logits.length; at += outputs) {
    for (let k = 0; k < outputs; k++) logits[at + k]! += intercept[k]!;
  }
  if (scheme === 'oneVsRest') normaliseSigmoids(logits, outputs);
  return logits;
}

function normaliseSigmoids(logits: Float64Array, outputs: number): void {
  for (let at = 0; at < logits.length; at += outputs) {
    let sum = 0;
    for (let k = 0; k < outputs; k++) {
      const logProbability = -softplus(-logits[at + k]!);
      logits[at + k] = logProbability;
      sum += Math.exp(logProbability);
    }
    const logSum = Math.log(sum);
    for (let k = 0; k < outputs; k++) logits[at + k]! -= logSum;
  }
}

const SCHEMES = ['softmax', 'oneVsRest'] as const satisfies readonly Scheme[];

/** The model as named arrays; {@link fromTensors} reads them back. */
export const toTensors = ({ scheme, features, outputs, weights, intercept }: LinearParameters): Tensor[] => [
  { name: 'weights', shape: [features, outputs], data: weights },
  { name: 'intercept', shape: [outputs], data: intercept },
  { name: 'scheme', shape: [1], data: Int32Array.of(SCHEMES.indexOf(scheme)) },
];

/** @throws StoreError if the tensors are not those of a linear model */
export function fromTensors(tensors: readonly Tensor[]): LinearParameters {
  const weights = tensorOf(tensors, 'weights');
  const intercept = tensorOf(tensors, 'intercept');
  const scheme = SCHEMES[tensorOf(tensors, 'scheme').data[0] ?? -1];
  const [features, outputs] = weights.shape;
  const fits = outputs === intercept.data.length && weights.data.length === (features ?? -1) * outputs;
  if (features === undefined || outputs === undefined || scheme === undefined || !fits) {
    throw new StoreError(
      `linear model: expected weights (d, K), intercept (K) and a known scheme, got weights (${weights.shape.join(', ')}) of ${weights.data.length} values, intercept of ${intercept.data.length}`,
    );
  }
  return {
    scheme,
    features,
    outputs,
    weights: Float64Array.from(weights.data),
    intercept: Float64Array.from(intercept.data),
  };
}

/** @throws StoreError if there is none of this name */
export function tensorOf(tensors: readonly Tensor[], name: string): Tensor {
  const tensor = tensors.find((each) => each.name === name);
  if (tensor) return tensor;
  throw new StoreError(
    `linear model: expected a tensor ${name}, got ${tensors.map((each) => each.name).join(', ') || 'none'}`,
  );
}

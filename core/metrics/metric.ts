/** Predictions of n samples, probabilities row-major. */
export interface MetricInput {
  readonly targets: Int32Array; // (n,), class codes
  readonly probabilities: Float64Array; // (n, K)
  readonly outputs: number; // K
  readonly sampleWeights?: Float64Array; // (n,); the metric then carries its own name, `f1_macro[sample_weight]`
}

/** One number over predictions, by its scikit-learn name: one file here, one line in index.ts. */
export interface Metric {
  readonly name: string;
  readonly range: readonly [number, number];
  readonly higherIsBetter: boolean;
  compute(input: MetricInput): number;
}

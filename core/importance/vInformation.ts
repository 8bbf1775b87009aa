/** Usable information of a data set in bits, as a family of models sees it: means over samples. */
export interface VInformation {
  readonly pointwise: Float64Array; // PVI of each sample, (n,)
  readonly information: number; // I_V(X → Y) = H_V(Y) − H_V(Y | X)
  readonly entropy: number; // H_V(Y)
  readonly conditionalEntropy: number; // H_V(Y | X)
  readonly perClass: Float64Array; // mean PVI of each class, (K,); NaN for a class without samples
}

/** log₂(g(y|x) / g∅(y)) of one sample in bits, both in nats and not believed below the floor's logarithm. */
export const pointwiseBits = (given: number, prior: number, lowest: number): number =>
  (Math.max(given, lowest) - Math.max(prior, lowest)) / Math.LN2;

/**
 * @param given ln g(y|x) of the given label, (n,), out of fold
 * @param prior ln g∅(y), (n,)
 * @param floor smallest probability that is believed
 * @source Xu et al., A Theory of Usable Information under Computational Constraints, ICLR 2020; Ethayarajh et al. 2022
 */
export function vInformation(
  given: Float64Array,
  prior: Float64Array,
  targets: Int32Array,
  outputs: number,
  floor: number,
): VInformation {
  const lowest = Math.log(floor);
  const pointwise = given.map((log, i) => pointwiseBits(log, prior[i]!, lowest));
  const meanBits = (logs: Float64Array): number =>
    -logs.reduce((sum, log) => sum + Math.max(log, lowest), 0) / logs.length / Math.LN2;
  const sums = new Float64Array(outputs);
  const counts = new Float64Array(outputs);
  pointwise.forEach((bits, i) => {
    sums[targets[i]!]! += bits;
    counts[targets[i]!]!++;
  });
  const entropy = meanBits(prior);
  const conditionalEntropy = meanBits(given);
  return {
    pointwise,
    information: entropy - conditionalEntropy,
    entropy,
    conditionalEntropy,
    perClass: sums.map((sum, k) => sum / counts[k]!),
  };
}

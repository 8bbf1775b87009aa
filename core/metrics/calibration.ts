import { argmaxRows } from '../probability.js';
import type { MetricInput } from './metric.js';

/** Samples whose highest probability falls into one interval. */
export interface CalibrationBin {
  readonly confidence: number; // mean highest probability; the interval's middle where the bin is empty
  readonly accuracy: number; // share that is right; 0 where the bin is empty
  readonly count: number;
  readonly weight: number;
}

/**
 * Confidence against accuracy in equally wide bins (low, high] of the highest probability.
 *
 * @source Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 2
 */
export function calibrationBins(
  { targets, probabilities, outputs, sampleWeights }: MetricInput,
  bins = 15,
): CalibrationBin[] {
  const predicted = argmaxRows(probabilities, outputs);
  const weight = new Float64Array(bins);
  const confidence = new Float64Array(bins);
  const right = new Float64Array(bins);
  const count = new Int32Array(bins);
  targets.forEach((target, i) => {
    const p = probabilities[i * outputs + predicted[i]!]!;
    const bin = Math.min(Math.max(Math.ceil(p * bins) - 1, 0), bins - 1);
    const w = sampleWeights?.[i] ?? 1;
    weight[bin]! += w;
    confidence[bin]! += w * p;
    if (predicted[i] === target) right[bin]! += w;
    count[bin]!++;
  });
  return Array.from({ length: bins }, (_, bin) => ({
    confidence: weight[bin]! > 0 ? confidence[bin]! / weight[bin]! : (bin + 0.5) / bins,
    accuracy: weight[bin]! > 0 ? right[bin]! / weight[bin]! : 0,
    count: count[bin]!,
    weight: weight[bin]!,
  }));
}

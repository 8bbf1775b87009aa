import { calibrationBins } from './calibration.js';
import { defineMetric } from './defineMetric.js';

/** Expected calibration error: mean |confidence − accuracy| over 15 bins, by their share of the samples. */
export const ece = defineMetric({
  name: 'ece',
  range: [0, 1],
  higherIsBetter: false,
  compute(input, weights) {
    const bins = calibrationBins({ ...input, sampleWeights: weights });
    const total = bins.reduce((sum, bin) => sum + bin.weight, 0);
    return (
      bins.reduce((sum, bin) => {
        return bin.weight > 0 ? sum + bin.weight * Math.abs(bin.confidence - bin.accuracy) : sum;
      }, 0) / total
    );
  },
});

import { z } from 'zod';
import { discoveryCurve, lowCluster, recallAtNoisy, twoMeansF1 } from '../../../core/benchmark/detection.js';
import { averagePrecision, rocAuc } from '../../../core/metrics/index.js';
import type { ReferenceFamily } from './family.js';

const Inputs = z.object({ values: z.array(z.number()), noisy_indices: z.array(z.number()) });

/** How well low values find the noisy rows: OpenDataVal's figures and two free of a threshold. */
export const benchmarkMetrics: ReferenceFamily = {
  name: 'benchmark_metrics',
  read(given) {
    const { values: listed, noisy_indices: noisy } = Inputs.parse(given);
    const values = Float64Array.from(listed);
    const suspicion = values.map((value) => -value);
    const positives = Uint8Array.from(values, (_, row) => (noisy.includes(row) ? 1 : 0));
    const outputs: Record<string, () => unknown> = {
      low_cluster: () => lowCluster(values),
      kmeans_f1: () => twoMeansF1(values, noisy),
      discovery_curve: () => discoveryCurve(values, noisy),
      recall_at_m: () => recallAtNoisy(values, noisy),
      auroc: () => rocAuc(suspicion, positives),
      average_precision: () => averagePrecision(suspicion, positives),
    };
    return (output) => outputs[output]?.();
  },
};

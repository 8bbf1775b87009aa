import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { pvi, scoreSamples, selfConfidence } from '../../../core/importance/index.js';
import { averagePrecision, rocAuc } from '../../../core/metrics/index.js';
import { clip, effectiveSampleSize, rank, weigh } from '../../../core/weighting/index.js';
import { flat, readFixture, Rows } from '../../readFixture.js';

const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= tolerance, `[${i}]: ${actual[i]} is not ${expected[i]}`);
  }
};
const logs = (rows: number[][]): Float64Array => flat(rows).map(Math.log);
const Numbers = z.array(z.number());

const PviFixture = z.object({
  inputs: z.object({ model_probs: Rows, labels: Numbers, folds: Numbers, eps: z.literal(1e-12) }),
  outputs: z.object({
    pvi: Numbers,
    weights: z.object({ clip0_mean1: Numbers, rank_mean1: Numbers }),
    ess: z.object({ clip0_mean1: z.number(), rank_mean1: z.number() }),
  }),
});

for (const name of ['pvi_iris', 'pvi_digits']) {
  describe(`reference ${name}`, () => {
    const { inputs, outputs } = readFixture(`importance/${name}`, PviFixture);
    const evidence = {
      targets: Int32Array.from(inputs.labels),
      outputs: inputs.model_probs[0]!.length,
      folds: Int32Array.from(inputs.folds),
      logits: logs(inputs.model_probs),
    };

    it('pvi equals the formula, without smoothing, a probability of 0 included', () => {
      const scores = scoreSamples(pvi, evidence, { params: { smoothing: 0 } });
      // The fixture's probabilities are rounded; ours are normalised, log₂ of a row's sum lower.
      const want = outputs.pvi.map((score, i) => {
        const p = inputs.model_probs[i]!;
        const floored = p[inputs.labels[i]!]! < inputs.eps;
        return floored ? score : score - Math.log2(p.reduce((sum, value) => sum + value, 0));
      });
      near(scores, want, 1e-9);
    });

    const input = { evidence, scores: Float64Array.from(outputs.pvi) };
    const policies = [
      { policy: clip, want: 'clip0_mean1' as const },
      { policy: rank, want: 'rank_mean1' as const },
    ];
    for (const { policy, want } of policies) {
      it(`${policy.name} weights and their effective sample size equal the reference`, () => {
        const { weights } = weigh(policy.weights(input, {}));
        near(weights, outputs.weights[want], 1e-9);
        near([effectiveSampleSize(weights) * weights.length], [outputs.ess[want]], 1e-8);
      });
    }
  });
}

const CleanlabScores = z.object({
  inputs: z.object({ labels: Numbers, pred_probs: Rows }),
  outputs: z.object({ scores: z.object({ self_confidence: Numbers }) }),
});

for (const name of ['cleanlab_bc', 'cleanlab_digits', 'cleanlab_iris', 'cleanlab_wine']) {
  it(`self_confidence equals ${name}`, () => {
    const { inputs, outputs } = readFixture(`importance/${name}`, CleanlabScores);
    const evidence = {
      targets: Int32Array.from(inputs.labels),
      outputs: inputs.pred_probs[0]!.length,
      logits: logs(inputs.pred_probs),
    };
    near(scoreSamples(selfConfidence, evidence), outputs.scores.self_confidence, 1e-9);
  });
}

const Detection = z.object({
  inputs: z.object({ values: Numbers, noisy_indices: Numbers }),
  outputs: z.object({ auroc: z.number(), average_precision: z.number() }),
});

for (const name of ['benchmark_metrics_100', 'benchmark_metrics_101', 'benchmark_metrics_118']) {
  it(`area under the ROC curve and average precision of detection equal ${name}`, () => {
    const { inputs, outputs } = readFixture(`importance/${name}`, Detection);
    const noisy = new Set(inputs.noisy_indices);
    const positives = inputs.values.map((_, i) => noisy.has(i));
    const suspicion = inputs.values.map((value) => -value);
    near([rocAuc(suspicion, positives)], [outputs.auroc], 1e-10);
    near([averagePrecision(suspicion, positives)], [outputs.average_precision], 1e-10);
  });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { metricByName, metrics } from '../../../core/metrics/index.js';
import { flat, readFixture, Rows } from '../../readFixture.js';

const Figures = z.record(z.string(), z.number());
const Fixture = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      outputs: z.int(),
      targets: z.array(z.int()),
      probabilities: Rows,
      sampleWeights: z.array(z.number()),
      plain: Figures,
      weighted: Figures,
    }),
  ),
});
const { cases } = readFixture('metrics/scikitLearn', Fixture);

describe("metrics equal scikit-learn's", () => {
  for (const { name, outputs, targets, probabilities, sampleWeights, plain, weighted } of cases) {
    const input = {
      outputs,
      targets: Int32Array.from(targets),
      probabilities: flat(probabilities),
      sampleWeights: Float64Array.from(sampleWeights),
    };
    for (const [metric, want] of Object.entries(plain)) {
      it(`${metric}, with and without sample weights, on ${name}`, () => {
        const close = (actual: number, expected: number): void =>
          assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
        close(metricByName(metric).compute(input), want);
        close(metricByName(`${metric}[sample_weight]`).compute(input), weighted[metric]!);
      });
    }
  }

  it('and none of ours is without a reference', () => {
    const referenced = Object.keys(cases[0]!.plain);
    const all = [...referenced, ...referenced.map((name) => `${name}[sample_weight]`)];
    assert.deepEqual(metrics.map(({ name }) => name).sort(), all.sort());
  });
});

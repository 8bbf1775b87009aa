import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { rankingMetricByName } from '../../../../core/metrics/index.js';
import { readFixture } from '../../../readFixture.js';

const Fixture = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      queries: z.array(z.int()),
      grades: z.array(z.int()),
      scores: z.array(z.number()),
      figures: z.record(z.string(), z.number()),
    }),
  ),
});

describe("ranking metrics equal ranx's, trec_eval's and scikit-learn's", () => {
  for (const { name, figures, ...input } of readFixture('metrics/ranking', Fixture).cases) {
    for (const [metric, expected] of Object.entries(figures)) {
      it(`${metric} on ${name}`, () => {
        const actual = rankingMetricByName(metric).compute(input);
        assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
      });
    }
  }
});

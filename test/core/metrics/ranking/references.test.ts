import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { rankingMetricByName, rankingMetrics } from '../../../../core/metrics/index.js';
import { readFixture } from '../../../readFixture.js';

const Fixture = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      queries: z.array(z.int()),
      grades: z.array(z.int()),
      scores: z.array(z.number()),
      sampleWeights: z.array(z.number()).optional(),
      figures: z.record(z.string(), z.number()),
    }),
  ),
});

for (const [fixture, whose] of [
  ['ranking', "ranx's, trec_eval's and scikit-learn's"],
  ['rankingWeighted', "scikit-learn's and numpy's of weighted rows"],
] as const) {
  describe(`ranking metrics equal ${whose}`, () => {
    for (const { name, figures, sampleWeights, ...input } of readFixture(`metrics/${fixture}`, Fixture)
      .cases) {
      for (const [metric, expected] of Object.entries(figures)) {
        it(`${metric} on ${name}`, () => {
          const actual = rankingMetricByName(metric).compute({
            ...input,
            ...(sampleWeights ? { sampleWeights } : {}),
          });
          assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
        });
      }
    }
  });
}

it('every ranking metric has a reference, plain and by sample weights', () => {
  const referenced = (fixture: string): string[] =>
    Object.keys(readFixture(`metrics/${fixture}`, Fixture).cases[0]!.figures).map(
      (name) => name.split(/[@[]/)[0]!,
    );
  for (const { name } of rankingMetrics) {
    for (const fixture of ['ranking', 'rankingWeighted'])
      assert.ok(referenced(fixture).includes(name), `${name}: ${fixture}`);
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { weightHistory, type RoundTrial } from '../../../core/explain/weightHistory.js';

const weights = (round: number, accepted: string | null, tried: Record<string, number>): RoundTrial => ({
  kind: 'weights',
  decision: { round, candidates: [], accepted, incumbent: accepted ?? 'uniform', metric: 0, reason: 'said' },
  tried,
});
const boost = (round: number, accepted: boolean, tried: Record<string, number>): RoundTrial => ({
  kind: 'boost',
  policy: 'clip+boost',
  decision: {
    ...{ round, accepted, reason: 'said', outerFolds: 3, agreeing: 3, test: null, relabel: [] },
    proposal: { slice: 'brand = A', support: 9, trustedError: 0.3, noiseRate: 0.1, factor: 1.25 },
    overall: { slice: '', support: 99, trustedError: 0.1, noiseRate: 0.1 },
  },
  tried,
});

describe('the history of a weight', () => {
  it('begins at 1 under uniform, and stays where nothing is accepted', () => {
    const { policy, weight, steps } = weightHistory([weights(1, null, { clip: 0.2 })]);
    assert.deepEqual([policy, weight], ['uniform', 1]);
    assert.deepEqual([steps[0]!.before, steps[0]!.after, steps[0]!.reason], [1, 1, 'said']);
  });
  it('takes the weight of the accepted policy, round after round', () => {
    const { policy, weight, steps } = weightHistory([
      weights(1, 'clip', { clip: 0.2, noise_posterior: 0.5 }),
      weights(2, 'clip', { clip: 0.1 }),
    ]);
    assert.deepEqual([policy, weight], ['clip', 0.1]);
    assert.deepEqual(
      steps.map(({ before, after }) => [before, after]),
      [
        [1, 0.2],
        [0.2, 0.1],
      ],
    );
  });
  it('says whether the row is in a boosted slice, by whether its weight rises', () => {
    const first = weights(1, 'clip', { clip: 0.8 });
    const [, inside] = weightHistory([first, boost(2, true, { clip: 0.8, 'clip+boost': 0.95 })]).steps;
    const [, outside] = weightHistory([first, boost(2, true, { clip: 0.8, 'clip+boost': 0.76 })]).steps;
    assert.deepEqual([inside!.inSlice, inside!.after, inside!.slice], [true, 0.95, 'brand = A']);
    assert.deepEqual([outside!.inSlice, outside!.after], [false, 0.76]);
  });
  it('keeps the weight where a boost is refused, and can not tell the slice of a row that weighs nothing', () => {
    const zero = weightHistory([
      weights(1, 'clip', { clip: 0 }),
      boost(2, false, { clip: 0, 'clip+boost': 0 }),
    ]);
    assert.deepEqual([zero.policy, zero.weight, zero.steps[1]!.inSlice], ['clip', 0, null]);
  });
});

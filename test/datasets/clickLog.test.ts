import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulateClicks, type ClickPlan } from '../../datasets/clickLog.js';

const pairs = {
  queries: Int32Array.from({ length: 120 }, (_, i) => Math.floor(i / 20)),
  grades: Int32Array.from({ length: 120 }, (_, i) => i % 3),
};
const plan: ClickPlan = { sessions: 2_000, bots: 0.1, eta: 1, attractiveness: [0, 0.4, 0.9], seed: 42 };
const log = simulateClicks(pairs, plan);
const rate = (of: (impression: number) => boolean): number => {
  const own = [...log.clicks.keys()].filter(of);
  return own.reduce((sum, i) => sum + log.clicks[i]!, 0) / own.length;
};
const isBot = (i: number): boolean => log.bots[log.sessions[i]!] === 1;

describe('a simulated click log', () => {
  it('is the same for the same plan, another for another seed', () => {
    assert.deepEqual(simulateClicks(pairs, plan), log);
    assert.notDeepEqual(simulateClicks(pairs, { ...plan, seed: 43 }).clicks, log.clicks);
  });

  it('shows ten different items of one query at places 1 to 10', () => {
    for (let at = 0; at < 500; at += 10) {
      const shown = [...log.pairs.subarray(at, at + 10)];
      assert.equal(new Set(shown).size, 10);
      assert.equal(new Set(shown.map((pair) => pairs.queries[pair])).size, 1);
      assert.deepEqual([...log.places.subarray(at, at + 10)], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });

  it('has people click as examination times attraction says, place by place', () => {
    for (const [grade, attraction] of [
      [1, 0.4],
      [2, 0.9],
    ] as const) {
      for (const place of [1, 2, 5]) {
        const found = rate(
          (i) => !isBot(i) && log.places[i] === place && pairs.grades[log.pairs[i]!] === grade,
        );
        assert.ok(Math.abs(found - attraction / place) < 0.06, `grade ${grade}, place ${place}: ${found}`);
        const known = log.examination[log.places.indexOf(place)]!;
        assert.equal(known, 1 / place);
      }
    }
    assert.equal(
      rate((i) => !isBot(i) && pairs.grades[log.pairs[i]!] === 0),
      0,
    );
  });

  it('has bots, a tenth of the sessions, click half of everything wherever it stands', () => {
    const share = log.bots.reduce((sum, one) => sum + one, 0) / plan.sessions;
    assert.ok(Math.abs(share - 0.1) < 0.02);
    for (const place of [1, 10]) {
      assert.ok(Math.abs(rate((i) => isBot(i) && log.places[i] === place) - 0.5) < 0.08);
    }
  });

  it('ranks better items higher, but not always', () => {
    const mean = (place: number): number => {
      const own = [...log.places.keys()].filter((i) => log.places[i] === place);
      return own.reduce((sum, i) => sum + pairs.grades[log.pairs[i]!]!, 0) / own.length;
    };
    assert.ok(mean(1) > mean(10) + 0.3);
    assert.ok(mean(1) < 2);
  });
});

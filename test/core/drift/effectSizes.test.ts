import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  driftLevel,
  jensenShannon,
  populationStability,
  stabilityByChance,
} from '../../../core/drift/effectSizes.js';
import { seeded } from '../../../core/random.js';
import { readFixture } from '../../readFixture.js';

const Counts = z.array(z.number());
const Case = z.object({ p: Counts, q: Counts, psi: z.number(), js: z.number() });
const { cases } = readFixture('drift/scipy', z.object({ scipy: z.string(), cases: z.array(Case) }));
const of = (...counts: number[]): Float64Array => Float64Array.from(counts);

describe('scipy and numpy', () => {
  for (const { p, q, psi, js } of cases) {
    it(`say the same of ${p.length} bins`, () => {
      assert.ok(Math.abs(populationStability(of(...p), of(...q)) - psi) < 1e-12);
      assert.ok(Math.abs(jensenShannon(of(...p), of(...q)) - js) < 1e-12);
    });
  }
});

describe('by hand', () => {
  it('two samples alike are at 0, and two with nothing in common one bit apart', () => {
    assert.equal(populationStability(of(3, 5), of(3, 5)), 0);
    assert.equal(jensenShannon(of(3, 5), of(6, 10)), 0);
    assert.equal(jensenShannon(of(4, 0), of(0, 9)), 1);
  });
  it('the index of (1, 3) and (3, 1), half a count added: (0.7 − 0.3)·ln(7/3), twice', () => {
    const want = 2 * 0.4 * Math.log(7 / 3);
    assert.ok(Math.abs(populationStability(of(1, 3), of(3, 1)) - want) < 1e-12);
  });
  it('an empty side says nothing, without NaN', () => {
    assert.equal(jensenShannon(of(0, 0), of(0, 0)), 0);
    assert.ok(Number.isFinite(populationStability(of(0, 0), of(5, 1))));
    assert.equal(stabilityByChance(of(0, 0), of(5, 1)), 0);
  });
});

it('chance makes about as large an index as is said', () => {
  const random = seeded(2);
  const sample = (n: number): Float64Array => {
    const counts = new Float64Array(10);
    for (let i = 0; i < n; i++) counts[random.below(10)]! += 1;
    return counts;
  };
  const draws = Array.from({ length: 200 }, () => [sample(400), sample(300)] as const);
  const mean = draws.reduce((sum, [p, q]) => sum + populationStability(p, q) / 200, 0);
  const said = stabilityByChance(...draws[0]!); // 9·(1/400 + 1/300) = 0.0525
  assert.ok(Math.abs(said - 0.0525) < 1e-12);
  assert.ok(Math.abs(mean / said - 1) < 0.15, `${mean} and ${said}`);
});

it('levels begin at a tenth and a quarter beyond chance', () => {
  const levels = [0.14, 0.16, 0.29, 0.31].map((psi) => driftLevel(psi, 0.05));
  assert.deepEqual(levels, ['none', 'moderate', 'moderate', 'large']);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blindQuestions, planVerification, stratumOf, type Pool } from '../../../core/decide/plan.js';
import { pool } from './pool.js';

const asked = (p: Pool, budget: number, seed = 1): number[] =>
  planVerification(p, budget, seed).map((stratum) => stratum.asked.length);

describe('strata', () => {
  it('are where models differ, where both dispute the label, and the rest', () => {
    const p = {
      first: Int32Array.of(0, 1, 1),
      second: Int32Array.of(1, 1, 1),
      given: Int32Array.of(0, 0, 1),
    };
    assert.deepEqual(stratumOf(p), ['differ', 'dispute', 'agree']);
  });
});

describe('a plan', () => {
  it('asks for as many rows as the budget has, each once, each of its own stratum', () => {
    const p = pool(400);
    const of = stratumOf(p);
    const plan = planVerification(p, 60, 1);
    const all = plan.flatMap((stratum) => [...stratum.asked]);
    assert.equal(all.length, 60);
    assert.equal(new Set(all).size, 60);
    for (const stratum of plan) for (const at of stratum.asked) assert.equal(of[at], stratum.name);
  });
  it('gives the larger part to rows that tell the models apart', () => {
    const [differ = 0, dispute = 0, agree = 0] = asked(pool(2000), 90);
    assert.ok(Math.abs(differ - 60) <= 2, `${differ} of 90`);
    assert.ok(dispute >= 2 && agree >= 2);
  });
  it('of a larger budget holds that of a smaller one: answers are never lost', () => {
    const p = pool(300);
    let before = new Set<number>();
    for (let budget = 6; budget <= 300; budget += 7) {
      const now = new Set(planVerification(p, budget, 1).flatMap((stratum) => [...stratum.asked]));
      for (const at of before) assert.ok(now.has(at), `${at} at ${budget}`);
      before = now;
    }
  });
  it('asks for the whole pool where that is smaller than the budget', () => {
    assert.equal(
      asked(pool(40), 1000).reduce((a, b) => a + b),
      40,
    );
  });
  it('of models that never differ is all for the noise rate', () => {
    const { first, given } = pool(200);
    assert.equal(asked({ first, second: first, given }, 20)[0], 0);
  });
  it('is refused where the budget can not reach every stratum', () => {
    assert.throws(() => planVerification(pool(400), 5, 1), /--verify: expected at least 6.*got 5/);
  });
  it('draws other rows for another seed', () => {
    assert.notDeepEqual(planVerification(pool(400), 60, 1), planVerification(pool(400), 60, 2));
  });
});

describe('blind questions', () => {
  const p = pool(600);
  const plan = planVerification(p, 200, 3);
  const next = p.first.map((label) => (label + 1) % 3);
  const questions = blindQuestions(plan, p, next, 3);
  it('ask every row once, all strata mixed', () => {
    const of = stratumOf(p);
    assert.equal(new Set(questions.map(({ position }) => position)).size, 200);
    const heads = new Set(questions.slice(0, 30).map(({ position }) => of[position]));
    assert.ok(heads.size > 1);
  });
  it('offer two different labels: of the models, of model and label, of model and its next best', () => {
    const of = stratumOf(p);
    for (const { position, options } of questions) {
      const other = { differ: p.second, dispute: p.given, agree: next }[of[position]!];
      assert.deepEqual([...options].sort(), [p.first[position]!, other[position]!].sort());
    }
  });
  it('put the first model first as often as not', () => {
    const firsts = questions.filter(({ position, options }) => options[0] === p.first[position]).length;
    assert.ok(firsts > 70 && firsts < 130, `${firsts} of 200`); // 4 standard deviations of a fair coin: 28
  });
});

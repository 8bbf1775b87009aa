import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bestStrength,
  chooseCandidate,
  chooseFirst,
  type CandidateJudgement,
} from '../../../core/choice/chooseCandidate.js';
import { pickEvidence } from '../../../core/choice/evidenceStrength.js';
import { poolLogits } from '../../../core/choice/pooling.js';
import { RoundSummary } from '../../../contracts/summary.js';
import { classification } from '../../../core/tasks/classification.js';

const N = 400;
/** Right on the first `right` rows of every hundred. */
const merits = (right: number): Float64Array =>
  Float64Array.from({ length: N }, (_, i) => (i % 100 < right ? 1 : 0));
const candidate = (policy: string, strength: number, right: number): CandidateJudgement => ({
  policy,
  strength,
  merits: merits(right),
  effectiveSampleSize: 0.7,
});
const choose = (candidates: CandidateJudgement[]) =>
  chooseCandidate({
    round: 1,
    incumbent: { policy: 'uniform', strength: 4, merits: merits(80) },
    candidates,
    groups: Int32Array.from({ length: N }, (_, i) => i),
    alpha: 0.05,
    flips: 499,
    seed: 1,
  });

describe('choosing a candidate', () => {
  it('takes the best strength of the best policy that passes the test', () => {
    const { chosen, summary } = choose([
      candidate('clip', 1, 84),
      candidate('clip', 4, 86),
      candidate('posterior', 4, 85),
    ]);
    assert.deepEqual(chosen, { policy: 'clip', strength: 4 });
    assert.equal(summary.accepted, 'clip');
    assert.equal(summary.metric, 0.86);
    assert.match(summary.reason, /clip \(strength 4\) gains \+6\.00 points over uniform.*replaces uniform/);
    assert.match(summary.reason, /Next best: posterior \(strength 4\), \+5\.00, p = /);
    const { value, low, high } = summary.effect!;
    assert.equal(value.toFixed(6), '0.060000');
    assert.ok(low > 0.03 && low < value && value < high && high < 0.09, JSON.stringify(summary.effect));
    RoundSummary.parse(summary);
  });
  it('keeps the incumbent where the gain may be chance', () => {
    const one = merits(80);
    one[99] = 1; // one row of 400 more
    const { chosen, summary } = choose([{ ...candidate('clip', 1, 80), merits: one }]);
    assert.deepEqual(chosen, { policy: 'uniform', strength: 4 });
    assert.equal(summary.accepted, null);
    assert.equal(summary.metric, 0.8);
    assert.match(
      summary.reason,
      /^uniform \(strength 4\) stays: .* \+0\.25 points .* does not pass p < 0\.05\.$/,
    );
  });
  it('keeps the incumbent where every candidate is worse, and where there is none', () => {
    assert.equal(choose([candidate('clip', 1, 60)]).summary.accepted, null);
    assert.match(choose([]).summary.reason, /No candidate was tried/);
  });
  it('raises p values with the number of candidates', () => {
    const few = merits(80).map((merit, i) => (i % 100 === 99 || i === 98 ? 1 : merit)); // 5 rows more
    const alone = choose([{ ...candidate('clip', 1, 80), merits: few }]);
    const shifted = (by: number) => merits(80).map((merit, i) => ((i + by) % 57 === 0 ? 1 - merit : merit));
    const others = Array.from({ length: 30 }, (_, by) => ({
      ...candidate('other', by, 80),
      merits: shifted(by),
    }));
    const among = choose([{ ...candidate('clip', 1, 80), merits: few }, ...others]);
    assert.ok(among.summary.candidates[0]!.pValue > alone.summary.candidates[0]!.pValue);
  });
  it('lets round 0 take the best strength, the strongest regularisation at a tie', () => {
    const { chosen, summary } = chooseFirst([
      candidate('uniform', 0.25, 70),
      candidate('uniform', 1, 80),
      candidate('uniform', 4, 80),
    ]);
    assert.deepEqual(chosen, { policy: 'uniform', strength: 1 });
    RoundSummary.parse(summary);
    assert.throws(() => bestStrength([]), RangeError);
  });
});

describe('the strength of the evidence model', () => {
  const pick = (byStrength: number[][]): number =>
    pickEvidence({
      task: classification,
      metric: 'accuracy',
      targets: Int32Array.of(0, 1),
      outputs: 2,
      predicted: byStrength.map((logits, s) => ({ strength: [1, 4][s]!, logits: Float64Array.from(logits) })),
    });
  it('is the one that is right most often, however unsure it is', () => {
    // the second is right on both rows, by little; the first only on one, by much
    assert.equal(
      pick([
        [9, 0, 0.1, 0],
        [0.1, 0, 0, 0.1],
      ]),
      1,
    );
  });
  it('is the strongest regularisation at a tie', () =>
    assert.equal(
      pick([
        [1, 0, 0, 1],
        [5, 0, 0, 5],
      ]),
      0,
    ));
});

describe('pooling held-out logits', () => {
  const part = (rows: number[], values: number[]) => ({
    rows: Int32Array.from(rows),
    byStrength: [Float64Array.from(values)],
  });
  it('puts them in the order of the rows', () => {
    const pooled = poolLogits([part([7, 2], [1, 2, 3, 4]), part([5], [5, 6])], Int32Array.of(2, 5, 7), 2);
    assert.deepEqual([...pooled[0]!], [3, 4, 5, 6, 1, 2]);
  });
  const wrong = [
    {
      name: 'a row twice',
      parts: [part([1], [0]), part([1], [0])],
      message: /row 1 is held out more than once/,
    },
    { name: 'a row never', parts: [part([1], [0])], message: /row 2 was never held out/ },
    { name: 'a foreign row', parts: [part([9], [0])], message: /row 9 is held out, but not among/ },
  ];
  for (const { name, parts, message } of wrong) {
    it(`refuses ${name}`, () => assert.throws(() => poolLogits(parts, Int32Array.of(1, 2), 1), message));
  }
});

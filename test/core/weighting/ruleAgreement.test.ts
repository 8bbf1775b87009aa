import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Evidence } from '../../../core/importance/index.js';
import { seeded } from '../../../core/random.js';
import { noisePosterior, policyByName } from '../../../core/weighting/index.js';
import { ruleAgreement } from '../../../core/weighting/ruleAgreement.js';

const n = 400;
/** Two classes; the model knows the truth with odds of 3 to 1; a fifth of the labels is wrong; the rule is right 19 times of 20. */
function planted(ruleIsRight: number) {
  const random = seeded(5);
  const truth = Int32Array.from({ length: n }, (_, i) => i % 2);
  const wrong = Uint8Array.from(truth, () => Number(random.next() < 0.2));
  const targets = truth.map((label, i) => label ^ wrong[i]!);
  const logits = new Float64Array(n * 2);
  truth.forEach((label, i) => (logits[i * 2 + (random.next() < 0.75 ? label : 1 - label)] = Math.log(3)));
  const votes = Int8Array.from(truth, (label, i) => {
    const said = random.next() < ruleIsRight ? label : 1 - label;
    return i % 4 === 0 ? 0 : said === targets[i] ? 1 : -1;
  });
  const evidence: Evidence = { targets, outputs: 2, logits, votes: [votes] };
  return { evidence, wrong, votes };
}

/** Mean weight of right labels less that of wrong ones. */
const gap = (weights: Float64Array, wrong: Uint8Array): number => {
  const mean = (of: number): number => {
    const own = weights.filter((_, i) => wrong[i] === of);
    return own.reduce((sum, weight) => sum + weight, 0) / own.length;
  };
  return mean(0) - mean(1);
};

it('tells wrong labels better than predictions alone, where the rule knows something', () => {
  const { evidence, wrong } = planted(0.95);
  const input = { evidence, scores: new Float64Array(n) };
  const [alone, together] = [
    noisePosterior.weights(input, { iterations: 60 }),
    ruleAgreement.weights(input, { strength: 10 }),
  ];
  assert.ok(
    gap(together, wrong) > gap(alone, wrong) + 0.1,
    `${gap(together, wrong)} and ${gap(alone, wrong)}`,
  );
});

it('leaves rows alone of which no rule speaks', () => {
  const { evidence, votes } = planted(0.95);
  const input = { evidence, scores: new Float64Array(n) };
  const [alone, together] = [
    noisePosterior.weights(input, { iterations: 60 }),
    ruleAgreement.weights(input, { strength: 10 }),
  ];
  votes.forEach((vote, i) => {
    if (vote === 0) assert.equal(together[i], alone[i]);
    else assert.notEqual(together[i], alone[i]);
  });
});

it('is a probability, found by its name, and asks for votes', () => {
  const { evidence } = planted(0.5);
  const input = { evidence, scores: new Float64Array(n) };
  const weights = policyByName('rule_agreement').weights(input, { strength: 10 });
  assert.ok(weights.every((weight) => weight >= 0 && weight <= 1));
  const { votes, ...without } = evidence;
  assert.equal(votes!.length, 1);
  assert.throws(
    () => ruleAgreement.weights({ ...input, evidence: without }, { strength: 10 }),
    /expected evidence\.votes/,
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '../../../contracts/errors.js';
import { seeded } from '../../../core/random.js';
import {
  balanceWithinClasses,
  effectiveSampleSize,
  policies,
  policyByName,
  shuffleWithin,
  strataOf,
  temperatureFor,
  weighSamples,
  type PolicyInput,
  type WeightingPolicy,
} from '../../../core/weighting/index.js';

/** Two classes, confident and right, but for row 4: labelled 0, predicted 1. */
const input: PolicyInput = {
  scores: Float64Array.of(2, 1, 0.5, 1, -3, 0),
  evidence: {
    targets: Int32Array.of(0, 0, 1, 1, 0, 1),
    outputs: 2,
    logits: Float64Array.of(2, -2, 2, -2, -2, 2, -2, 2, -3, 3, -2, 2),
  },
};
const rawOf = (name: string, params: unknown = {}, of: PolicyInput = input): number[] => {
  const policy = policyByName(name);
  return [...policy.weights(of, policy.paramsSchema.parse(params))];
};

describe('raw weights', () => {
  const cases = [
    { name: 'uniform', want: [1, 1, 1, 1, 1, 1] },
    { name: 'clip', want: [2, 1, 0.5, 1, 0, 0] },
    { name: 'filter', want: [1, 1, 1, 1, 0, 1] },
    { name: 'filter', params: { threshold: 1 }, want: [1, 1, 0, 1, 0, 0] },
    { name: 'rank', want: [6, 4.5, 3, 4.5, 1, 2] }, // the two scores of 1 share ranks 4 and 5
    { name: 'confident_learning', want: [1, 1, 1, 1, 0, 1] },
    { name: 'class_balanced', want: [2, 1, 1, 2, 0, 0] }, // class 0: 2, 1, 0 of mean 1; class 1: .5, 1, 0 of mean .5
    { name: 'class_balanced(filter)', want: [1.5, 1.5, 1, 1, 0, 1] },
    { name: 'class_balanced', params: { of: 'uniform' }, want: [1, 1, 1, 1, 1, 1] },
  ];
  for (const { name, params, want } of cases) {
    it(`of ${name} ${params ? JSON.stringify(params) : ''}`, () => {
      assert.deepEqual(rawOf(name, params), want);
    });
  }

  it('of noise_posterior are lowest for the label that contradicts its prediction', () => {
    const raw = rawOf('noise_posterior');
    assert.equal(raw.indexOf(Math.min(...raw)), 4);
  });
});

describe('source_noise', () => {
  it('believes the label of a source that is mostly right more than the same label of one that is mostly wrong', () => {
    const n = 60;
    const sources = Int32Array.from({ length: n }, (_, i) => i % 2);
    const targets = Int32Array.from({ length: n }, (_, i) => (i % 2 === 1 && i % 3 > 0 ? 1 : 0)); // predicted: 0
    const logits = Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? 2 : 0));
    const raw = rawOf('source_noise', {}, { ...input, evidence: { targets, outputs: 2, logits, sources } });
    assert.ok(raw[0]! > raw[3]! + 0.02, `${raw[0]} of source 0, ${raw[3]} of source 1`); // both labelled 0
  });

  it('says what it lacks', () => assert.throws(() => rawOf('source_noise'), /expected evidence\.sources/));
});

describe('weights of scores that are chance in part', () => {
  it('are drawn to 1 before the floor is looked at', () => {
    const weigh = (reliability: number) => weighSamples(policyByName('clip'), input, { reliability });
    const all = weigh(1);
    assert.deepEqual(
      weigh(0.5).weights.map((weight) => Number(weight.toFixed(12))),
      all.weights.map((weight) => Number((1 + 0.5 * (weight - 1)).toFixed(12))),
    );
    assert.deepEqual([...weigh(0).weights], [1, 1, 1, 1, 1, 1]);
    assert.ok(weigh(0.5).effectiveSampleSize > all.effectiveSampleSize);
  });
});

describe('every policy', () => {
  const every: readonly WeightingPolicy[] = policies;
  for (const policy of every) {
    it(`${policy.name} gives non-negative finite weights whatever the scores and logits`, () => {
      const number = fc.double({ min: -50, max: 50, noNaN: true });
      const sample = fc.record({
        score: number,
        target: fc.nat(2),
        logits: fc.tuple(number, number, number),
      });
      fc.assert(
        fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
          const raw = policy.weights(
            {
              scores: Float64Array.from(samples, ({ score }) => score),
              evidence: {
                targets: Int32Array.from(samples, ({ target }) => target),
                outputs: 3,
                logits: Float64Array.from(samples.flatMap(({ logits }) => logits)),
                sources: Int32Array.from(samples, (_, i) => i % 3),
                votes: [Int8Array.from(samples, (_, i) => (i % 3) - 1)],
              },
            },
            policy.paramsSchema.parse({}),
          );
          assert.equal(raw.length, samples.length);
          assert.ok(raw.every((weight) => weight >= 0 && Number.isFinite(weight)));
        }),
      );
    });
  }

  it('is found by its name', () => {
    for (const policy of policies) assert.equal(policyByName(policy.name), policy);
  });
});

describe('a policy that is not there', () => {
  const cases = [
    { name: 'clp', message: /^loop\.policies: expected uniform \| clip \|.*did you mean "clip"/ },
    { name: 'class_balanced(rnk)', message: /class_balanced: expected.*did you mean "rank"/ },
  ];
  for (const { name, message } of cases) {
    it(`${name} is refused with the nearest name`, () => {
      assert.throws(
        () => policyByName(name),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }

  it('and neither is a policy that class_balanced is asked to balance', () => {
    assert.throws(() => rawOf('class_balanced', { of: 'nothing' }), ConfigError);
  });
});

describe('softmax', () => {
  it('finds the temperature of the wanted effective sample size', () => {
    const random = seeded(1);
    const scores = Float64Array.from({ length: 500 }, () => random.normal() * 3);
    for (const wanted of [0.2, 0.5, 0.7, 0.95]) {
      const temperature = temperatureFor(scores, wanted);
      const size = effectiveSampleSize(scores.map((score) => Math.exp(score / temperature)));
      assert.ok(Math.abs(size - wanted) < 1e-6, `${size} is not ${wanted}`);
    }
  });

  it('is uniform where all scores are equal', () => {
    const equal = { ...input, scores: new Float64Array(6).fill(-7) };
    assert.deepEqual(rawOf('softmax', {}, equal), [1, 1, 1, 1, 1, 1]);
  });

  it('is not thrown off by a score of −39 bits', () => {
    const scores = Float64Array.from({ length: 100 }, (_, i) => (i === 0 ? -39 : i / 50));
    const raw = policyByName('softmax').weights({ ...input, scores }, { effectiveSampleSize: 0.7 });
    assert.ok(Math.abs(effectiveSampleSize(raw) - 0.7) < 1e-6);
  });
});

describe('balancing within classes', () => {
  it('weighs a class whose weights are all 0 uniformly', () => {
    const balanced = balanceWithinClasses(Float64Array.of(0, 0, 1, 3), Int32Array.of(0, 0, 1, 1), 2);
    assert.deepEqual([...balanced], [1, 1, 0.5, 1.5]);
  });
});

describe('weighing samples in one call', () => {
  it('goes from scores to weights of mean 1', () => {
    const { weights } = weighSamples(policyByName('clip'), input, { minEffectiveSampleSize: 0 });
    weights.forEach((weight, i) => assert.ok(Math.abs(weight - (rawOf('clip')[i]! * 6) / 4.5) < 1e-12));
  });

  it('refuses scores of another length', () => {
    const short = { ...input, scores: Float64Array.of(1) };
    assert.throws(() => weighSamples(policyByName('clip'), short), /scores: expected 6.*got 1/);
  });

  it('refuses a wrong parameter, naming the policy', () => {
    const options = { params: { effectiveSampleSize: 2 } };
    assert.throws(() => weighSamples(policyByName('softmax'), input, options), {
      name: 'ConfigError',
      message: /softmax[^]*effectiveSampleSize/,
    });
  });

  it('says which policy wants logits', () => {
    const blind = { ...input, evidence: { targets: input.evidence.targets, outputs: 2 } };
    assert.throws(() => weighSamples(policyByName('noise_posterior'), blind), /noise_posterior.*logits/);
  });
});

describe('shuffled weights', () => {
  const strata = strataOf(Int32Array.of(0, 1, 0, 1, 0, 0), 2, Int32Array.of(0, 0, 0, 0, 1, 1));

  it('strata are class × fold', () => assert.deepEqual([...strata], [0, 1, 0, 1, 2, 2]));

  it('keep the weights of every stratum, and nothing of who had them', () => {
    const n = 300;
    const random = seeded(3);
    const weights = Float64Array.from({ length: n }, () => random.next());
    const groups = Int32Array.from({ length: n }, () => random.below(4));
    const shuffled = shuffleWithin(weights, groups, seeded(5));
    for (let group = 0; group < 4; group++) {
      const inGroup = (values: Float64Array): number[] =>
        [...values].filter((_, i) => groups[i] === group).sort();
      assert.deepEqual(inGroup(shuffled), inGroup(weights));
    }
    const unmoved = shuffled.filter((weight, i) => weight === weights[i]).length;
    assert.ok(unmoved < 20, `${unmoved} of ${n} stayed`); // about 4 are expected
  });

  it('are the same for the same seed', () => {
    const weights = Float64Array.of(1, 2, 3, 4, 5, 6);
    assert.deepEqual(shuffleWithin(weights, strata, seeded(1)), shuffleWithin(weights, strata, seeded(1)));
  });
});

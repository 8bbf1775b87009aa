import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../core/random.js';
import { fitSourceTrust, policyByName } from '../../../core/weighting/index.js';

/** Sessions of ten clicks each, the last `bots` of them at random; people click as the log-odds say. */
function sessions(people: number, bots: number, botRate = 0.5) {
  const random = seeded(5, 'sessions');
  const total = (people + bots) * 10;
  const chances = Float64Array.from({ length: total }, () => (random.next() < 0.3 ? 0.6 : 0.03));
  const sources = Int32Array.from({ length: total }, (_, i) => 100 + Math.floor(i / 10));
  const targets = Int32Array.from(chances, (p, i) =>
    Number(random.next() < (sources[i]! - 100 < people ? p : botRate)),
  );
  const logProbabilities = Float64Array.from(targets, (y, i) => Math.log(y ? chances[i]! : 1 - chances[i]!));
  return { sources, targets, logProbabilities, chances };
}

const meanTrust = (trust: Map<number, number>, from: number, to: number): number => {
  let sum = 0;
  for (let source = from; source < to; source++) sum += trust.get(100 + source)!;
  return sum / (to - from);
};

describe('trust in sources', () => {
  it('tells bots from people by whole sessions, and learns how bots click', () => {
    const { sources, targets, logProbabilities } = sessions(360, 40);
    const fit = fitSourceTrust(logProbabilities, targets, sources, 2);
    assert.ok(meanTrust(fit.trust, 0, 360) > 0.97, `people ${meanTrust(fit.trust, 0, 360)}`);
    assert.ok(meanTrust(fit.trust, 360, 400) < 0.15, `bots ${meanTrust(fit.trust, 360, 400)}`);
    assert.ok(Math.abs(fit.careless - 0.1) < 0.03, `${fit.careless}`);
    assert.ok(Math.abs(fit.carelessClasses[1]! - 0.5) < 0.06, `${fit.carelessClasses[1]}`);
  });

  it('finds bots that click on everything too', () => {
    const { sources, targets, logProbabilities } = sessions(180, 20, 0.95);
    const fit = fitSourceTrust(logProbabilities, targets, sources, 2);
    assert.ok(meanTrust(fit.trust, 180, 200) < 0.02);
    assert.ok(fit.carelessClasses[1]! > 0.9);
  });

  it('leaves people alone where there are no bots', () => {
    const { sources, targets, logProbabilities } = sessions(300, 0);
    const { trust, careless } = fitSourceTrust(logProbabilities, targets, sources, 2);
    assert.ok(meanTrust(trust, 0, 300) > 0.95 && careless < 0.05, `${careless}`);
  });

  it('keeps the mean of the targets of people: a click does not weigh less because it surprises', () => {
    const { sources, targets, logProbabilities, chances } = sessions(900, 100);
    const { trust } = fitSourceTrust(logProbabilities, targets, sources, 2);
    let [clicks, mass, expected] = [0, 0, 0];
    targets.forEach((target, i) => {
      const weight = trust.get(sources[i]!)!;
      clicks += weight * target;
      expected += weight * chances[i]!;
      mass += weight;
    });
    assert.ok(Math.abs(clicks / mass / (expected / mass) - 1) < 0.05, `${clicks} for ${expected}`);
  });

  it('does not depend on the order of the rows', () => {
    const { sources, targets, logProbabilities } = sessions(50, 10);
    const order = seeded(1).shuffle(Int32Array.from(sources.keys()));
    const pick = <T extends Int32Array | Float64Array>(values: T): T =>
      values.map((_, i) => values[order[i]!]!) as T;
    const one = fitSourceTrust(logProbabilities, targets, sources, 2).trust;
    const other = fitSourceTrust(pick(logProbabilities), pick(targets), pick(sources), 2).trust;
    for (const [source, value] of one) assert.ok(Math.abs(other.get(source)! - value) < 1e-6);
  });
});

describe('the policy source_trust', () => {
  const policy = policyByName('source_trust');
  const { sources, targets, chances } = sessions(90, 10);
  const logits = Float64Array.from({ length: 2 * targets.length }, (_, at) =>
    at % 2 === 0 ? 0 : Math.log(chances[at >> 1]! / (1 - chances[at >> 1]!)),
  );
  const evidence = { targets, outputs: 2, logits, sources };
  const scores = new Float64Array(targets.length);

  it('weighs all samples of a source alike', () => {
    const weights = policy.weights({ evidence, scores }, policy.paramsSchema.parse({}));
    sources.forEach((source, i) => assert.equal(weights[i], weights[(source - 100) * 10]));
    assert.ok(weights[0]! > weights.at(-1)!);
  });

  it('is allowed where targets are random by nature', () => assert.equal(policy.allowsAleatoric, true));

  it('says that it needs sources', () => {
    const without = { targets, outputs: 2, logits };
    assert.throws(
      () => policy.weights({ evidence: without, scores }, policy.paramsSchema.parse({})),
      /sources/,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../core/random.js';
import { rocAuc } from '../../../core/metrics/index.js';
import { fitNoisePosterior } from '../../../core/weighting/index.js';

/** Samples whose true class follows softmax(signal); logits are the signal made `temperature` times larger. */
function planted(options: {
  n: number;
  classes: number;
  noise: number;
  temperature: number;
  pair?: boolean;
}) {
  const { n, classes, noise, temperature, pair = false } = options;
  const random = seeded(11, JSON.stringify(options));
  const logits = new Float64Array(n * classes);
  const targets = new Int32Array(n);
  const flipped = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const signal = Array.from({ length: classes }, () => random.normal() * 4);
    const gumbel = signal.map((value) => value - Math.log(-Math.log(1 - random.next())));
    const truth = gumbel.indexOf(Math.max(...gumbel)); // a draw from softmax(signal)
    flipped[row] = random.next() < noise ? 1 : 0;
    const step = pair ? 1 : 1 + random.below(classes - 1);
    targets[row] = flipped[row] ? (truth + step) % classes : truth;
    signal.forEach((value, c) => (logits[row * classes + c] = value * temperature));
  }
  return { logits, targets, flipped };
}

describe('the noise posterior', () => {
  const cases = [
    { name: '20% of 8 classes', n: 4000, classes: 8, noise: 0.2, temperature: 1 },
    { name: '40% of 8 classes, logits too small', n: 4000, classes: 8, noise: 0.4, temperature: 0.4 },
    { name: '20% of pairs, logits too large', n: 4000, classes: 5, noise: 0.2, temperature: 2.5, pair: true },
    { name: 'none of 8 classes', n: 4000, classes: 8, noise: 0, temperature: 1 },
  ];
  for (const { name, ...options } of cases) {
    it(`recovers noise rate and temperature: ${name}`, () => {
      const { logits, targets, flipped } = planted(options);
      const fit = fitNoisePosterior(logits, targets, options.classes);
      assert.ok(Math.abs(fit.noiseRate - options.noise) < 0.03, `η̂ = ${fit.noiseRate}`);
      const factor = fit.temperature / options.temperature;
      assert.ok(factor > 0.8 && factor < 1.25, `τ = ${fit.temperature}`);
      if (options.noise > 0) {
        const suspicion = fit.posterior.map((right) => -right);
        assert.ok(rocAuc(suspicion, flipped) > 0.9);
      }
    });
  }

  it('finds out which class is taken for which', () => {
    const { logits, targets } = planted({ n: 4000, classes: 4, noise: 0.3, temperature: 1, pair: true });
    const { transition } = fitNoisePosterior(logits, targets, 4);
    for (let k = 0; k < 4; k++) {
      assert.ok(transition[k * 4 + ((k + 1) % 4)]! > 0.2);
      assert.ok(transition[k * 4 + ((k + 2) % 4)]! < 0.06);
    }
  });

  it('is a probability, and the rows of the transition sum to 1', () => {
    const { logits, targets } = planted({ n: 300, classes: 3, noise: 0.2, temperature: 1 });
    const { posterior, transition, noiseRate } = fitNoisePosterior(logits, targets, 3);
    assert.ok(posterior.every((right) => right >= 0 && right <= 1));
    for (let k = 0; k < 3; k++) {
      const sum = transition[k * 3]! + transition[k * 3 + 1]! + transition[k * 3 + 2]!;
      assert.ok(Math.abs(sum - 1) < 1e-12);
    }
    const wrong = posterior.reduce((total, right) => total + 1 - right, 0) / posterior.length;
    assert.ok(Math.abs(noiseRate - wrong) < 1e-12);
  });

  it('is the same each time', () => {
    const { logits, targets } = planted({ n: 300, classes: 3, noise: 0.2, temperature: 1 });
    assert.deepEqual(fitNoisePosterior(logits, targets, 3), fitNoisePosterior(logits, targets, 3));
  });

  it('follows Bayes for the fitted noise', () => {
    const { logits, targets } = planted({ n: 200, classes: 2, noise: 0.1, temperature: 1 });
    const { temperature, transition, posterior } = fitNoisePosterior(logits, targets, 2, {
      tolerance: 0,
      iterations: 400,
    });
    const p1 = 1 / (1 + Math.exp((logits[0]! - logits[1]!) / temperature));
    const p = [1 - p1, p1];
    const y = targets[0]!;
    const joint = [0, 1].map((c) => p[c]! * transition[c * 2 + y]!);
    assert.ok(Math.abs(posterior[0]! - joint[y]! / (joint[0]! + joint[1]!)) < 1e-12);
  });

  const edges = [
    { name: 'no sample', logits: [], targets: [], outputs: 3, want: [] },
    { name: 'one class', logits: [5, 6], targets: [0, 0], outputs: 1, want: [1, 1] },
    {
      name: 'a logit of −Infinity',
      logits: [0, -Infinity, 0, -Infinity],
      targets: [0, 0],
      outputs: 2,
      want: undefined,
    },
    { name: 'logits that are all equal', logits: [0, 0, 0, 0], targets: [0, 1], outputs: 2, want: undefined },
  ];
  for (const { name, logits, targets, outputs, want } of edges) {
    it(`survives ${name}`, () => {
      const { posterior } = fitNoisePosterior(Float64Array.from(logits), Int32Array.from(targets), outputs);
      if (want) assert.deepEqual([...posterior], want);
      assert.ok(posterior.every((right) => right >= 0 && right <= 1));
    });
  }

  it('refuses NaN, naming the row', () => {
    assert.throws(
      () => fitNoisePosterior(Float64Array.of(0, 1, 0, Number.NaN), Int32Array.of(0, 1), 2),
      /row 1/,
    );
  });
});

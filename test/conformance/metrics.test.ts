import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metrics, type Metric, type MetricInput } from '../../core/metrics/index.js';
import { seeded } from '../../core/random.js';

const weighted = (metric: Metric): boolean => metric.name.endsWith('[sample_weight]');

/** n random predictions over `outputs` classes, in coarse steps so that some tie, with weights 0, 1 and 2. */
function predictions(
  seed: number,
  n: number,
  outputs: number,
): MetricInput & { sampleWeights: Float64Array } {
  const random = seeded(seed);
  const raw = Float64Array.from({ length: n * outputs }, () => 1 + random.below(9));
  const probabilities = raw.map((value, i) => {
    const start = Math.floor(i / outputs) * outputs;
    return value / raw.subarray(start, start + outputs).reduce((a, b) => a + b, 0);
  });
  return {
    outputs,
    probabilities,
    targets: Int32Array.from({ length: n }, () => random.below(outputs)),
    sampleWeights: Float64Array.from({ length: n }, (_, i) => i % 3),
  };
}

const withoutWeights = ({ targets, probabilities, outputs }: MetricInput): MetricInput => ({
  targets,
  probabilities,
  outputs,
});

/** The same predictions with sample i there `times(i)` times. */
function repeated(input: MetricInput, times: (i: number) => number): MetricInput {
  const rows = [...input.targets.keys()].flatMap((i) => Array.from({ length: times(i) }, () => i));
  const { outputs } = input;
  return {
    outputs,
    targets: Int32Array.from(rows, (row) => input.targets[row]!),
    probabilities: Float64Array.from(
      rows.flatMap((row) => [...input.probabilities.subarray(row * outputs, (row + 1) * outputs)]),
    ),
    sampleWeights: new Float64Array(rows.length).fill(1),
  };
}

/** Certain of the true class, or certain of another. */
function certain(outputs: number, right: boolean): MetricInput {
  const targets = Int32Array.from({ length: 3 * outputs }, (_, i) => i % outputs);
  const probabilities = new Float64Array(targets.length * outputs);
  targets.forEach(
    (target, i) => (probabilities[i * outputs + (right ? target : (target + 1) % outputs)] = 1),
  );
  return { targets, probabilities, outputs, sampleWeights: new Float64Array(targets.length).fill(2) };
}

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

for (const metric of metrics) {
  describe(`metric ${metric.name}`, () => {
    const [low, high] = metric.range;

    for (const outputs of [2, 3, 7]) {
      it(`stays in its range over ${outputs} classes`, () => {
        for (let seed = 0; seed < 20; seed++) {
          const value = metric.compute(predictions(seed, 25, outputs));
          assert.ok(value >= low - 1e-12 && value <= high + 1e-12, `${value}`);
        }
      });

      it(`is best for certain and right predictions of ${outputs} classes, and worse for wrong ones`, () => {
        const best = metric.compute(certain(outputs, true));
        const worst = metric.compute(certain(outputs, false));
        close(best, metric.higherIsBetter ? high : low);
        assert.ok(metric.higherIsBetter ? worst < best : worst > best);
      });
    }

    it('does not depend on the order of the samples', () => {
      const input = predictions(1, 40, 3);
      const reversed = [...input.targets.keys()].reverse();
      const other = {
        outputs: 3,
        targets: Int32Array.from(reversed, (row) => input.targets[row]!),
        probabilities: Float64Array.from(
          reversed.flatMap((row) => [...input.probabilities.subarray(row * 3, row * 3 + 3)]),
        ),
        sampleWeights: Float64Array.from(reversed, (row) => input.sampleWeights[row]!),
      };
      close(metric.compute(other), metric.compute(input));
    });

    it('is a number where all samples are of one class', () => {
      const input = { ...predictions(2, 10, 3), targets: new Int32Array(10) };
      assert.ok(Number.isFinite(metric.compute(input)));
    });

    it('is a number where all predictions tie', () => {
      const input = { ...predictions(3, 10, 2), probabilities: new Float64Array(20).fill(0.5) };
      assert.ok(Number.isFinite(metric.compute(input)));
    });

    if (weighted(metric)) {
      it('takes weight 2 for the sample twice, and weight 0 for no sample', () => {
        for (let seed = 0; seed < 10; seed++) {
          const input = predictions(seed, 12, 4);
          const copies = repeated(input, (i) => input.sampleWeights[i]!);
          close(metric.compute(input), metric.compute(copies));
        }
      });

      it('does not change with the scale of the weights', () => {
        const input = predictions(4, 30, 3);
        const larger = { ...input, sampleWeights: input.sampleWeights.map((weight) => weight * 7) };
        close(metric.compute(larger), metric.compute(input));
      });

      it('refuses weights that are missing, negative, or all 0', () => {
        const without = withoutWeights(predictions(5, 3, 2));
        assert.throws(() => metric.compute(without), /sample weights, got none/);
        assert.throws(
          () => metric.compute({ ...without, sampleWeights: Float64Array.of(1, -1, 1) }),
          /got -1/,
        );
        assert.throws(() => metric.compute({ ...without, sampleWeights: new Float64Array(3) }), /all are 0/);
      });
    } else {
      it('leaves sample weights aside', () => {
        const without = withoutWeights(predictions(6, 20, 3));
        assert.equal(metric.compute(predictions(6, 20, 3)), metric.compute(without));
      });
    }
  });
}

it('no two metrics share a name', () => {
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length);
});

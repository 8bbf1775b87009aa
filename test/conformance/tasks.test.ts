import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricByName, rankingMetricByName } from '../../core/metrics/index.js';
import { tasks, type Task } from '../../core/tasks/index.js';
import { estimatorByName } from '../../core/importance/index.js';

const SHARES = [
  [0.5, 0.5],
  [0.9, 0.1],
  [0.98, 0.01, 0.01],
];
/** Two groups of two samples: the first group is predicted rightly, the second the wrong way round. */
const judged = {
  targets: Int32Array.of(0, 1, 0, 1),
  groups: Int32Array.of(7, 7, 3, 3),
  logits: { rows: 4, cols: 2, values: Float64Array.of(1, 0, 0, 1, 0, 1, 1, 0) },
};

for (const task of tasks as readonly Task[]) {
  describe(`task ${task.name}`, () => {
    it('reports metrics that exist', () => {
      for (const name of task.metrics) {
        if (name === 'calibration_ratio') continue; // has no better end: the task measures it itself
        assert.equal((task.judges === 'samples' ? metricByName : rankingMetricByName)(name).name, name);
      }
      assert.ok(task.estimated.every((name) => task.metrics.includes(name)));
      assert.equal(estimatorByName(task.estimator).name, task.estimator);
    });

    it('measures what it reports, with weights that double a sample as with the sample twice', () => {
      const names = [...task.estimated];
      const twice = [0, 1, 0, 1, 2, 3];
      const again = {
        targets: Int32Array.from(twice, (row) => judged.targets[row]!),
        groups: Int32Array.of(7, 7, 8, 8, 3, 3),
        logits: {
          rows: 6,
          cols: 2,
          values: Float64Array.from(
            twice.flatMap((row) => [...judged.logits.values.subarray(2 * row, 2 * row + 2)]),
          ),
        },
      };
      const weighted = task.measure(names, judged)(Float64Array.of(2, 2, 1, 1));
      task
        .measure(names, again)()
        .forEach((value, m) => assert.ok(Math.abs(value - weighted[m]!) < 1e-12, names[m]));
    });

    it('chooses by a metric that is the mean of what its units merit, whatever the shares', () => {
      for (const shares of SHARES) {
        const metric = task.choiceMetric(shares);
        const merit = task.merit(judged, metric);
        const units = task.unitsOf(judged);
        assert.equal(merit.length, units.length);
        assert.deepEqual([...units], task.judges === 'samples' ? [0, 1, 2, 3] : [0, 2]);
        assert.ok(merit[0]! > merit.at(-1)!);
      }
    });

    it('encodes training values into the codes of its classes', () => {
      const values = ['1', '0', null, '1'];
      const { codes, classes } = task.encode(values);
      assert.deepEqual(
        [...codes].map((code) => classes[code]),
        ['1', '0', undefined, '1'],
      );
      assert.deepEqual(task.encode(values, classes).codes, codes);
    });
  });
}

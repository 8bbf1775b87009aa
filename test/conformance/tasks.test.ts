import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricByName } from '../../core/metrics/index.js';
import { tasks } from '../../core/tasks/index.js';

for (const task of tasks) {
  describe(`task ${task.name}`, () => {
    it('reports metrics that exist', () => {
      for (const name of task.metrics) assert.equal(metricByName(name).name, name);
    });

    it('chooses by a metric that it can decompose, whatever the shares', () => {
      for (const shares of [
        [0.5, 0.5],
        [0.9, 0.1],
        [0.98, 0.01, 0.01],
      ]) {
        const metric = task.choiceMetric(shares);
        const logits = { rows: 2, cols: 2, values: Float64Array.of(1, 0, 1, 0) };
        const merit = task.merit({ targets: Int32Array.of(0, 1), logits }, metric);
        assert.equal(merit.length, 2);
        assert.ok(merit[0]! > merit[1]!);
      }
    });

    it('encodes training values into the codes of its classes', () => {
      const { codes, classes } = task.encode(['y', 'x', null, 'y']);
      assert.deepEqual(
        [...codes].map((code) => classes[code]),
        ['y', 'x', undefined, 'y'],
      );
      assert.deepEqual(task.encode(['y', 'x', null, 'y'], classes).codes, codes);
    });
  });
}

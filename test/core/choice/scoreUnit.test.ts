import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreUnit } from '../../../core/choice/scoreUnit.js';
import { estimatorByName, scoreSamples } from '../../../core/importance/index.js';
import { rocAuc } from '../../../core/metrics/index.js';
import { planted } from '../../conformance/plantedEvidence.js';

const { validation, flipped, ...evidence } = planted(2, 300);

describe('scores of a unit', () => {
  it('take each fold as the validation side in turn where the estimator wants one', () => {
    const scores = scoreUnit(estimatorByName('knn_shapley'), evidence, { seed: 1 });
    const found = rocAuc(
      scores.map((score) => -score),
      flipped,
    );
    assert.ok(found > 0.85, `AUROC ${found}`);
  });

  it('are the mean over the turns in which the row was not the validation side', () => {
    const two = { ...evidence, folds: evidence.folds.map((fold) => fold % 2) };
    const loo = estimatorByName('loo');
    const rows = Int32Array.from(two.folds.keys()).filter((row) => two.folds[row] === 0);
    const side = (fold: number) => {
      const own = Int32Array.from(two.folds.keys()).filter((row) => two.folds[row] === fold);
      const { cols, values } = two.features.matrix;
      const chosen = Float64Array.from(
        [...own].flatMap((row) => [...values.subarray(row * cols, (row + 1) * cols)]),
      );
      const features = { kind: 'dense' as const, matrix: { rows: own.length, cols, values: chosen } };
      return { features, targets: own.map((row) => two.targets[row]!) };
    };
    const alone = scoreSamples(loo, { ...side(0), outputs: two.outputs, validation: side(1) });
    const scores = scoreUnit(loo, two, { seed: 1 });
    assert.deepEqual(rows.length, alone.length);
    rows.forEach((row, i) => assert.ok(Math.abs(scores[row]! - alone[i]!) < 1e-12));
  });

  it('use the validation side that the evidence brings', () => {
    const own = scoreUnit(estimatorByName('loo'), { ...evidence, validation }, { seed: 1 });
    assert.notDeepEqual(own, scoreUnit(estimatorByName('loo'), evidence, { seed: 1 }));
  });
});

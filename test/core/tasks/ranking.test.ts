import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError, DataError } from '../../../contracts/errors.js';
import { taskOf } from '../../../core/tasks/index.js';

const task = taskOf('ranking');
const graded = taskOf({ name: 'ranking', loss: 'lambdarank', grades: { no: 0, so: 1, yes: 3 } });
/** Two queries; grades rise with the second class's logit in the first, fall in the second. */
const judged = {
  targets: Int32Array.of(1, 0, 0, 1),
  groups: Int32Array.of(5, 5, 2, 2),
  logits: { rows: 4, cols: 2, values: Float64Array.of(0, 2, 0, 1, 0, 2, 0, 1) },
};

describe('grades', () => {
  it('are whole numbers, and the codes of their classes', () => {
    const { codes, classes } = task.encode(['2', '0', null, '2']);
    assert.deepEqual([...codes], [2, 0, -1, 2]);
    assert.deepEqual(classes, ['0', '1', '2']);
  });
  it('are what task.grades says of words; a grade that nothing has keeps its number', () => {
    const { codes, classes } = graded.encode(['yes', 'no']);
    assert.deepEqual([...codes], [3, 0]);
    assert.deepEqual(classes, ['no', 'so', '2', 'yes']);
  });
  it('that training has not are unknown', () => {
    assert.deepEqual([...task.encode(['3', '1'], ['0', '1']).codes], [-1, 1]);
  });
  for (const [value, message] of [
    ['good', /expected a grade, a whole number from 0 to 30, found "good"/],
    ['1.5', /found "1.5"/],
    ['-1', /found "-1"/],
  ] as const) {
    it(`can't be ${value}`, () => assert.throws(() => task.encode([value]), { name: 'DataError', message }));
  }
  it('without a name say which names there are', () =>
    assert.throws(() => graded.encode(['maybe']), /"maybe" has no grade; task.grades names no, so, yes/));
  it('need one above 0', () => assert.throws(() => task.encode(['0', '0']), DataError));
});

describe('judging a ranking', () => {
  it('merits NDCG@10 of each query, by the first row of each', () => {
    const swapped = 1 / Math.log2(3); // the relevant item in place 2
    assert.deepEqual([...task.merit(judged, 'ndcg@10')], [1, swapped]);
    assert.deepEqual([...task.unitsOf(judged)], [0, 2]);
  });
  it('measures means over queries, by weights of their items', () => {
    const [plain] = task.measure(['mrr@10'], judged)();
    const [weighted] = task.measure(['mrr@10'], judged)(Float64Array.of(3, 3, 1, 1));
    assert.equal(plain, (1 + 1 / 2) / 2);
    assert.equal(weighted, (3 * 1 + 1 / 2) / 4);
  });
  it('tells items apart that are all but certain', () => {
    const values = Float64Array.of(0, 500, 0, 501, 500, 0, 501, 0);
    const sure = { ...judged, targets: Int32Array.of(0, 1, 1, 0), logits: { rows: 4, cols: 2, values } };
    assert.deepEqual([...task.merit(sure, 'ndcg@10')], [1, 1]);
  });
  it('refuses a metric that is not of queries', () => {
    for (const metric of ['accuracy', 'gauc']) assert.throws(() => task.merit(judged, metric), ConfigError);
  });
  it('asks for the queries', () => {
    const { groups: _, ...others } = judged;
    assert.throws(() => task.merit(others, 'ndcg@10'), /expected the query of each of 4 items, got none/);
  });
});

describe('losses of a ranking', () => {
  it('weigh items pointwise, and queries by pairs', () => {
    assert.deepEqual([task.weighs, task.estimator, task.loss.kind], ['samples', 'item_pvi', 'crossEntropy']);
    assert.deepEqual(
      [graded.weighs, graded.estimator, graded.loss.kind],
      ['groups', 'query_pvi', 'lambdaRank'],
    );
  });
});

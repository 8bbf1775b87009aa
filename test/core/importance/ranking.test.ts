import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorByName, queryFolds, scoreSamples } from '../../../core/importance/index.js';
import { rocAuc } from '../../../core/metrics/index.js';
import { seeded } from '../../../core/random.js';

const close = (actual: number, wanted: number): void =>
  assert.ok(Math.abs(actual - wanted) < 1e-12, `${actual} is not ${wanted}`);

describe('importance for ranking', () => {
  // One query of three items with grades 1, 0, 0; the model gives grade 1 to each with ¾, ¼, ¼.
  const query = {
    targets: Int32Array.of(1, 0, 0),
    outputs: 2,
    groups: Int32Array.of(5, 5, 5),
    logits: Float64Array.from([1, 3, 3, 1, 3, 1], Math.log),
  };

  it('measures an item against the grades of the others in its query', () => {
    const scores = scoreSamples(estimatorByName('item_pvi'), query);
    close(scores[0]!, Math.log2(0.75 / ((0 + 1) / (2 + 2)))); // no other item has grade 1
    close(scores[1]!, Math.log2(0.75 / ((1 + 1) / (2 + 2)))); // one of two has grade 0
  });

  it('gives every item the mean of its query', () => {
    const items = scoreSamples(estimatorByName('item_pvi'), query);
    const mean = (items[0]! + items[1]! + items[2]!) / 3;
    for (const score of scoreSamples(estimatorByName('query_pvi'), query)) close(score, mean);
  });

  it('weighs pairs of a list by what swapping them costs', () => {
    // Gains 1, 0, 0; expected gains ¾, ¼, ¼: each pair is 1 + log₂ σ(2·½).
    const scores = scoreSamples(estimatorByName('listwise_pvi'), query, { params: { scale: 2 } });
    for (const score of scores) close(score, 1 + Math.log2(1 / (1 + Math.exp(-1))));
  });

  it('finds queries whose grades were shuffled', () => {
    const random = seeded(4);
    const [queries, size] = [60, 12];
    const n = queries * size;
    const groups = Int32Array.from({ length: n }, (_, i) => Math.floor(i / size));
    const shuffled = Uint8Array.from({ length: n }, (_, i) => (groups[i]! % 4 === 0 ? 1 : 0));
    const truth = Int32Array.from({ length: n }, () => random.below(3));
    const logits = Float64Array.from({ length: n * 3 }, (_, at) => {
      return random.normal() + (truth[Math.floor(at / 3)] === at % 3 ? 2.5 : 0);
    });
    const targets = truth.slice();
    for (let start = 0; start < n; start += 4 * size) random.shuffle(targets.subarray(start, start + size));
    for (const name of ['query_pvi', 'listwise_pvi']) {
      const scores = scoreSamples(estimatorByName(name), { targets, outputs: 3, logits, groups });
      const found = rocAuc(
        scores.map((score) => -score),
        shuffled,
      );
      assert.ok(found > (name === 'query_pvi' ? 0.98 : 0.75), `${name}: AUROC ${found}`);
    }
  });

  it('holds queries out whole and trains on no duplicate of a held-out item', () => {
    const random = seeded(5);
    const queries = Int32Array.from({ length: 200 }, (_, i) => Math.floor(i / 10));
    const clusters = Int32Array.from({ length: 200 }, () => random.below(120));
    const targets = Int32Array.from({ length: 200 }, () => random.below(2));
    const folds = queryFolds({ targets, queries, clusters, folds: 4, seed: 1 });
    assert.equal(
      folds.reduce((sum, { heldOut }) => sum + heldOut.length, 0),
      200,
    );
    for (const { heldOut, training, purged } of folds) {
      const seen = new Set(Array.from(heldOut, (row) => clusters[row]!));
      const held = new Set(Array.from(heldOut, (row) => queries[row]!));
      assert.ok(training.every((row) => !seen.has(clusters[row]!) && !held.has(queries[row]!)));
      assert.equal(heldOut.length + training.length + purged, 200);
      assert.ok(purged > 0);
    }
  });
});

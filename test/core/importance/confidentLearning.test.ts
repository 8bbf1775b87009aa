import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  calibrateConfidentJoint,
  confidentJoint,
  confidentThresholds,
  findLabelIssues,
} from '../../../core/importance/index.js';
import { flat, readFixture, Rows } from '../../readFixture.js';

const Numbers = z.array(z.number());
const Inputs = z.object({ labels: Numbers, pred_probs: Rows });
const Issues = z.object({
  prune_by_noise_rate: Numbers,
  prune_by_class: Numbers,
  both: Numbers,
  confident_learning: Numbers,
});
const Outputs = z.object({
  confident_thresholds: Numbers,
  confident_joint_calibrated: Rows,
  issues: Issues,
  'issues_frac_noise_0.5|prune_by_noise_rate': Numbers,
});
const Fixture = z.object({
  inputs: Inputs,
  outputs: Outputs.extend({ confident_joint_uncalibrated: Rows, off_diagonal_indices: Numbers }),
});
const Ties = z.object({
  cases: z.record(
    z.string(),
    z.object({
      inputs: Inputs.optional(),
      outputs: Outputs.extend({ 'issues_min_examples_20|both': Numbers }),
    }),
  ),
});

const FILTERS = ['prune_by_noise_rate', 'prune_by_class', 'both', 'confident_learning'] as const;
const samplesOf = ({ labels, pred_probs }: z.infer<typeof Inputs>) => ({
  probabilities: flat(pred_probs),
  targets: Int32Array.from(labels),
  outputs: pred_probs[0]!.length,
});
const rowsOf = (mask: Uint8Array): number[] => [...mask.keys()].filter((row) => mask[row] === 1);

function agrees(inputs: z.infer<typeof Inputs>, outputs: z.infer<typeof Outputs>): void {
  const { probabilities, targets, outputs: k } = samplesOf(inputs);
  confidentThresholds(probabilities, targets, k).forEach((threshold, c) => {
    assert.ok(Math.abs(threshold - outputs.confident_thresholds[c]!) < 1e-9);
  });
  const { counts } = confidentJoint(probabilities, targets, k);
  assert.deepEqual(
    [...calibrateConfidentJoint(counts, targets, k)],
    outputs.confident_joint_calibrated.flat(),
  );
  for (const filterBy of FILTERS) {
    const mask = findLabelIssues(probabilities, targets, k, { filterBy });
    assert.deepEqual(rowsOf(mask), outputs.issues[filterBy], filterBy);
  }
  const half = findLabelIssues(probabilities, targets, k, { fracNoise: 0.5 });
  assert.deepEqual(rowsOf(half), outputs['issues_frac_noise_0.5|prune_by_noise_rate']);
}

const ties = readFixture('importance/cleanlab_ties', Ties).cases;
const digits = readFixture('importance/cleanlab_digits', Fixture);

describe("label issues are cleanlab's, sample for sample", () => {
  for (const name of ['bc', 'iris', 'wine']) {
    it(`on ${name}`, () => {
      const { inputs, outputs } = readFixture(`importance/cleanlab_${name}`, Fixture);
      agrees(inputs, outputs);
    });
  }

  // The joint of digits has a tie, which numpy breaks otherwise with AVX-512: see cleanlab_ties.py.
  it('on digits', () => agrees(digits.inputs, ties['digits']!.outputs));

  for (const [name, { inputs, outputs }] of Object.entries(ties)) {
    if (!inputs) continue;
    it(`on made-up data: ${name}`, () => {
      agrees(inputs, outputs);
      const { probabilities, targets, outputs: k } = samplesOf(inputs);
      const kept = findLabelIssues(probabilities, targets, k, { filterBy: 'both', minExamplesPerClass: 20 });
      assert.deepEqual(rowsOf(kept), outputs['issues_min_examples_20|both']);
    });
  }

  it('and the uncalibrated joint and its off-diagonal samples too', () => {
    const { probabilities, targets, outputs } = samplesOf(digits.inputs);
    const joint = confidentJoint(probabilities, targets, outputs);
    assert.deepEqual([...joint.counts], digits.outputs.confident_joint_uncalibrated.flat());
    assert.deepEqual([...joint.offDiagonal], digits.outputs.off_diagonal_indices);
  });
});

describe('label issues', () => {
  it('are none where every prediction agrees with its label', () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.2, 0.8);
    assert.deepEqual([...findLabelIssues(probabilities, Int32Array.of(0, 0, 1), 2)], [0, 0, 0]);
  });

  it('survive a class without samples', () => {
    const probabilities = Float64Array.of(0.9, 0.1, 0, 0.1, 0.9, 0, 0.95, 0.05, 0, 0.05, 0.95, 0);
    const mask = findLabelIssues(probabilities, Int32Array.of(0, 1, 0, 1), 3);
    assert.deepEqual([...mask], [0, 0, 0, 0]);
  });

  it('keep one sample of every class', () => {
    // Both samples of class 1 look like class 0: one of them may go, not both.
    const probabilities = Float64Array.of(0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.8, 0.2);
    const mask = findLabelIssues(probabilities, Int32Array.of(0, 0, 0, 1, 1), 2);
    assert.ok(mask[3]! + mask[4]! <= 1);
  });
});

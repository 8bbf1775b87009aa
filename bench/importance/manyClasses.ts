import { findLabelIssues } from '../../core/importance/labelIssues.js';
import { seeded } from '../../core/random.js';
import { cpuSeconds } from '../peer.js';
import type { Contest } from './contest.js';

const ROWS = 1_000_000;
const CLASSES = 100;

/** Confident learning over a table that fills memory: both sides make their own single-precision probabilities. */
export const manyClasses: Contest = {
  name: 'label_issues_memory',
  title: `find_label_issues, n = ${ROWS}, K = ${CLASSES}, single precision`,
  peer: 'cleanlab, n_jobs = 1',
  script: 'manyClasses.py',
  figures: ['issueShare'],
  prepare() {
    // Nothing: 400 MB would be read twice.
  },
  async measure() {
    const random = seeded(1, 'many classes bench');
    const probabilities = new Float32Array(ROWS * CLASSES);
    const targets = new Int32Array(ROWS);
    for (let i = 0; i < ROWS; i++) {
      const row = probabilities.subarray(i * CLASSES, (i + 1) * CLASSES);
      let sum = 0;
      for (let k = 0; k < CLASSES; k++) sum += row[k] = random.next();
      const truth = random.below(CLASSES);
      row[truth]! += sum * random.next() * 2;
      const total = row.reduce((all, p) => all + p, 0);
      for (let k = 0; k < CLASSES; k++) row[k]! /= total;
      targets[i] = random.next() < 0.2 ? random.below(CLASSES) : truth;
    }
    const { seconds, result } = cpuSeconds(() => findLabelIssues(probabilities, targets, CLASSES));
    return { seconds, issueShare: result.reduce((sum, bit) => sum + bit, 0) / ROWS };
  },
};

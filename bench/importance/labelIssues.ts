import { findLabelIssues } from '../../core/importance/labelIssues.js';
import { seeded } from '../../core/random.js';
import { softmaxRows } from '../../core/probability.js';
import { cpuSeconds, median } from '../peer.js';
import { readDoubles, readIntegers, writeNumbers, type Contest } from './contest.js';

const ROWS = 50_000;
const CLASSES = 10;

/** Confident learning by noise rate: joint, calibration, pruning. */
export const labelIssues: Contest = {
  name: 'label_issues',
  title: `find_label_issues, n = ${ROWS}, K = ${CLASSES}`,
  peer: 'cleanlab, n_jobs = 1',
  script: 'labelIssues.py',
  figures: ['issues', 'laterSeconds'],
  prepare(folder) {
    const random = seeded(1, 'label issues bench');
    const logits = Float64Array.from({ length: ROWS * CLASSES }, () => random.normal());
    const y = Int32Array.from({ length: ROWS }, (_, i) => {
      const truth = random.below(CLASSES);
      logits[i * CLASSES + truth]! += 3;
      return random.next() < 0.2 ? random.below(CLASSES) : truth;
    });
    writeNumbers(folder, 'p', softmaxRows(logits, CLASSES));
    writeNumbers(folder, 'y', y);
  },
  async measure(folder) {
    const [probabilities, targets] = [readDoubles(folder, 'p'), readIntegers(folder, 'y')];
    const call = () => cpuSeconds(() => findLabelIssues(probabilities, targets, CLASSES));
    const { seconds, result } = call();
    const laterSeconds = median(Array.from({ length: 5 }, () => call().seconds));
    writeNumbers(folder, 'own.values', Float64Array.from(result));
    return { seconds, laterSeconds, issues: result.reduce((sum, bit) => sum + bit, 0) };
  },
};

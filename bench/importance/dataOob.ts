import { dataOob as estimator } from '../../core/importance/dataOob.js';
import { rocAuc } from '../../core/metrics/index.js';
import { seeded } from '../../core/random.js';
import { cpuSeconds } from '../peer.js';
import { readDoubles, readIntegers, writeNumbers, type Contest } from './contest.js';

const ROWS = 1000;
const WIDTH = 64;
const TREES = 1000;

/** Data-OOB: a bag of full trees, and what they say of the rows that they never saw. */
export const dataOob: Contest = {
  name: 'data_oob',
  title: `data_oob, ${TREES} full trees, n = ${ROWS}, d = ${WIDTH}`,
  peer: 'scikit-learn bagging, scored in numpy',
  script: 'dataOob.py',
  figures: ['auroc'],
  prepare(folder) {
    const random = seeded(1, 'data_oob bench');
    const direction = Float64Array.from({ length: WIDTH }, () => random.normal());
    const x = Float64Array.from({ length: ROWS * WIDTH }, () => random.normal());
    const flipped = new Int32Array(ROWS);
    const y = Int32Array.from({ length: ROWS }, (_, i) => {
      const score = direction.reduce((sum, weight, j) => sum + weight * x[i * WIDTH + j]!, 0);
      flipped[i] = Number(random.next() < 0.2);
      return Number(score + 4 * random.normal() > 0) ^ flipped[i]!;
    });
    writeNumbers(folder, 'x', x);
    writeNumbers(folder, 'y', y);
    writeNumbers(folder, 'flipped', flipped);
  },
  async measure(folder) {
    const targets = readIntegers(folder, 'y');
    const matrix = { rows: ROWS, cols: WIDTH, values: readDoubles(folder, 'x') };
    const evidence = { targets, outputs: 2, features: { kind: 'dense', matrix } } as const;
    const params = { trees: TREES, maxDepth: null, minSamplesLeaf: 1, maxFeatures: 1 };
    const { seconds, result } = cpuSeconds(() => estimator.estimate(evidence, params, seeded(1)));
    const flipped = Uint8Array.from(readIntegers(folder, 'flipped'));
    return {
      seconds,
      auroc: rocAuc(
        result.map((value) => -value),
        flipped,
      ),
    };
  },
};

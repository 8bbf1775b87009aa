import { knnShapley, type Labelled } from '../../core/importance/knn/shapley.js';
import { seeded } from '../../core/random.js';
import { cpuSeconds } from '../peer.js';
import { readDoubles, readIntegers, writeNumbers, type Contest } from './contest.js';

const SIZES = { train: 20_000, test: 200 } as const;
const WIDTH = 64;
const K = 10;

/** KNN-Shapley: distances, an order a test row, the recursion. */
export const knn: Contest = {
  name: 'knn_shapley',
  title: `knn_shapley, n = ${SIZES.train}, m = ${SIZES.test}, d = ${WIDTH}, k = ${K}`,
  peer: 'vectorised numpy',
  script: 'knn.py',
  figures: ['sum'],
  prepare(folder) {
    const random = seeded(1, 'knn bench');
    for (const [side, rows] of Object.entries(SIZES)) {
      writeNumbers(
        folder,
        `${side}.x`,
        Float64Array.from({ length: rows * WIDTH }, () => random.normal()),
      );
      writeNumbers(
        folder,
        `${side}.y`,
        Int32Array.from({ length: rows }, () => random.below(2)),
      );
    }
  },
  async measure(folder) {
    const [train, test] = [read(folder, 'train'), read(folder, 'test')];
    const { seconds, result } = cpuSeconds(() => knnShapley(train, test, K));
    writeNumbers(folder, 'own.values', result);
    return { seconds, sum: result.reduce((sum, value) => sum + value, 0) };
  },
};

function read(folder: string, side: string): Labelled {
  const targets = readIntegers(folder, `${side}.y`);
  return { matrix: { rows: targets.length, cols: WIDTH, values: readDoubles(folder, `${side}.x`) }, targets };
}

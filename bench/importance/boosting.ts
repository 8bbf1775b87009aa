import { logProbabilityOf } from '../../core/probability.js';
import { seeded } from '../../core/random.js';
import { trees, TreesParams } from '../../models/trees.js';
import { readDoubles, readIntegers, writeNumbers, type Contest } from './contest.js';

const SIZES = { train: 50_000, test: 20_000 } as const;
const WIDTH = 50;

/** Histogram gradient boosting, binning included: 100 iterations of 31 leaves. */
export const boosting: Contest = {
  name: 'boosting',
  title: `histogram gradient boosting, n = ${SIZES.train}, d = ${WIDTH}, 100 × 31 leaves`,
  peer: 'LightGBM',
  script: 'boosting.py',
  figures: ['logLoss'],
  prepare(folder) {
    const random = seeded(1, 'boosting bench');
    const direction = Float64Array.from({ length: WIDTH }, () => random.normal() / 4);
    for (const [side, rows] of Object.entries(SIZES)) {
      const x = Float64Array.from({ length: rows * WIDTH }, () => random.normal());
      const y = Int32Array.from({ length: rows }, (_, i) => {
        const at = i * WIDTH;
        const linear = direction.reduce((sum, weight, j) => sum + weight * x[at + j]!, 0);
        return Number(linear + Math.sin(2 * x[at]! * x[at + 1]!) + random.normal() > 0);
      });
      writeNumbers(folder, `${side}.x`, x);
      writeNumbers(folder, `${side}.y`, y);
    }
  },
  async measure(folder) {
    const [train, test] = [read(folder, 'train'), read(folder, 'test')];
    const sampleWeights = new Float64Array(SIZES.train).fill(1);
    const start = process.cpuUsage();
    const model = await trees.fit({ ...train, outputs: 2, sampleWeights }, TreesParams.parse({ l2: 0 }), {
      seed: 1,
    });
    const { user, system } = process.cpuUsage(start);
    const logs = logProbabilityOf(test.targets, model.predictLogits(test.input), 2);
    return { seconds: (user + system) / 1e6, logLoss: -logs.reduce((sum, log) => sum + log, 0) / SIZES.test };
  },
};

function read(folder: string, side: string) {
  const targets = readIntegers(folder, `${side}.y`);
  const matrix = { rows: targets.length, cols: WIDTH, values: readDoubles(folder, `${side}.x`) };
  return { input: { kind: 'dense', matrix } as const, targets };
}

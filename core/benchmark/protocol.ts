import type { NoiseSpec, TrialSize } from '../../contracts/benchmark.js';
import { DataError } from '../../contracts/errors.js';
import { seeded, type Random } from '../random.js';
import { addFeatureNoise } from './featureNoise.js';
import { plantLabelNoise } from './labelNoise.js';
import type { Trial, TrialSide, TrialSides } from './trial.js';

/** Rows of a data set for each side of a trial; no row is on two sides. */
export interface DrawnRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Draws the sides of a trial at random, without regard to classes.
 *
 * @throws DataError where there are fewer rows than asked for
 * @source Jiang, Liang, Zou & Kwon, OpenDataVal, NeurIPS 2023: 1000 / 100 / 500
 */
export function drawRows(dataset: string, rows: number, size: TrialSize, random: Random): DrawnRows {
  const { train, validation, test } = size;
  const wanted = train + validation + test;
  if (rows < wanted) {
    throw new DataError(
      `${dataset}: a trial takes ${train} training, ${validation} validation and ${test} test rows = ${wanted}, ` +
        `found ${rows} with a label; ask for less: --size ${smaller(rows, size)}`,
    );
  }
  const order = random.shuffle(Int32Array.from({ length: rows }, (_, row) => row));
  return {
    train: order.slice(0, train),
    validation: order.slice(train, train + validation),
    test: order.slice(train + validation, wanted),
  };
}

/** The same shares of the rows that there are. */
function smaller(rows: number, { train, validation, test }: TrialSize): string {
  const scale = rows / (train + validation + test);
  return [train, validation, test].map((side) => Math.floor(side * scale)).join('/');
}

/**
 * Spoils the training and the validation side; the test side stays as it is.
 *
 * @param dataset name: sets of one seed are spoiled at other places
 */
export function spoil(dataset: string, sides: TrialSides, noise: NoiseSpec, seed: number): Trial {
  const random = seeded(seed, `${noise.kind} noise on ${dataset}`);
  const { train, validation, outputs } = sides;
  if (noise.kind === 'features') {
    const [own, other] = [train, validation].map((side) => addFeatureNoise(side.matrix, noise.rate, random));
    return {
      ...sides,
      train: { ...train, matrix: own!.matrix },
      validation: { ...validation, matrix: other!.matrix },
      noisy: own!.noisy,
    };
  }
  const [own, other] = plantLabelNoise([train, validation], outputs, noise.kind, noise.rate, random);
  const flipped = (side: TrialSide, targets: Int32Array): TrialSide => ({ ...side, targets });
  return {
    ...sides,
    train: flipped(train, own!.targets),
    validation: flipped(validation, other!.targets),
    noisy: own!.noisy,
  };
}

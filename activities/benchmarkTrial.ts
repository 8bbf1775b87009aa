import { z } from 'zod';
import { LearnerName, NoiseSpec, TrialSize } from '../contracts/benchmark.js';
import { DataError } from '../contracts/errors.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import { Columns } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { makeEvidence } from '../core/benchmark/evidence.js';
import { judgeBaselines } from '../core/benchmark/judge.js';
import { drawRows, spoil } from '../core/benchmark/protocol.js';
import type { TrialSides } from '../core/benchmark/trial.js';
import { fitFeaturizer, transform } from '../core/features/featurizer.js';
import { seeded } from '../core/random.js';
import { selectRows } from '../core/sparse.js';
import { gather, pickRows, texts } from '../core/table.js';
import { taskByName } from '../core/tasks/index.js';
import { benchmarkLearners, chosenLearner } from './benchmarkLearners.js';
import { trialTensors } from './benchmarkTrialTable.js';
import { only, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  name: z.string(), // of the data set, for messages
  columns: Columns,
  features: FeaturesConfig,
  noise: NoiseSpec,
  size: TrialSize,
  learner: LearnerName,
  folds: z.int().min(2),
});
type Params = z.infer<typeof Params>;

/** What the stages that score a trial must know beside its arrays; a JSON document. */
export const TrialFacts = z.strictObject({
  chosen: z.array(z.string()),
  accuracy: z.strictObject({ given: z.number(), oracle: z.number() }),
});

/** Draws a trial from a data set, spoils it, and makes every kind of evidence once. The seed is the trial's. */
export const benchmarkTrial: Stage<Params> = {
  name: 'benchmarkTrial',
  paramsSchema: Params,
  inputs: ['dataset'],
  summary: ({ name, noise, size }) => `trial: ${name}, ${noise.kind} noise ${noise.rate}, ${size.train} rows`,
  async run({ params, inputs, seed }, context) {
    const dataset = only(inputs, 'dataset');
    const table = await context.memo(`dataset/${dataset.sha256}`, () =>
      gather(context.artifacts.readTable(dataset)),
    );
    const trial = spoil(params.name, drawSides(table, params, seed), params.noise, seed);
    const learners = benchmarkLearners(params.learner, { seed, signal: context.signal });
    const made = await makeEvidence(trial, {
      ...{ learners, seed, folds: params.folds },
      now: () => performance.now(),
      onFit: (done, total) => tellFits(context, done, total),
    });
    const learner = chosenLearner(made.chosen, { seed, signal: context.signal });
    const accuracy = await judgeBaselines(trial, learner);
    const facts: z.infer<typeof TrialFacts> = { chosen: [...made.chosen], accuracy };
    return {
      outputs: {
        trial: [await context.artifacts.writeModel(trialTensors({ trial, evidence: made.evidence }))],
        facts: [await writeDocument(context.artifacts, facts)],
      },
      figures: {
        learner: learner.name,
        logLoss: made.logLoss,
        ...{ noisy: trial.noisy.length, fits: made.fits, ...accuracy },
        outOfFoldMs: made.wallMs.outOfFold,
        descentMs: made.wallMs.descent,
      },
    };
  },
};

const tellFits = ({ progress, signal }: StageContext, done: number, total: number): void => {
  signal.throwIfAborted();
  progress({ done, total, unit: 'fits' });
};

/** Features are learned from the training rows; classes are those of all drawn rows. */
function drawSides(table: ColumnBatch, { name, columns, features, size }: Params, seed: number): TrialSides {
  const rows = drawRows(name, table.rows, size, seeded(seed, `rows of ${name}`));
  const drawn = pickRows(table, Int32Array.of(...rows.train, ...rows.validation, ...rows.test));
  const { classes, codes } = taskByName('classification').encode(texts(drawn, 'target'));
  const training = pickRows(table, rows.train);
  const featurizer = fitFeaturizer([training], columns, features);
  if (featurizer.width === 0) {
    throw new DataError(
      `${name}: no feature is left: name the columns that describe a row (--text, --numeric, …)`,
    );
  }
  const matrix = transform(featurizer, drawn);
  const side = (from: number, count: number) => ({
    matrix: selectRows(
      matrix,
      Int32Array.from({ length: count }, (_, i) => from + i),
    ),
    targets: codes.slice(from, from + count),
  });
  return {
    outputs: classes.length,
    train: side(0, size.train),
    validation: side(size.train, size.validation),
    test: side(size.train + size.validation, size.test),
  };
}

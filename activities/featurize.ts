import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { CleanConfig, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { InputKind, ModelInput } from '../contracts/model.js';
import type { ArtifactStore } from '../contracts/store.js';
import { clusterCount, conflicts, nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { unionGroups } from '../core/folds.js';
import { inputColumns, type Featurizer } from '../core/features/featurizer.js';
import { makeInput } from '../core/features/inputs.js';
import { groupsOnSeveralSides } from '../core/split.js';
import { taskOf } from '../core/tasks/index.js';
import { ORIGIN_COLUMNS } from './augmented.js';
import { countingElsewhere } from './countElsewhere.js';
import { writeFeatureParts, writeFeatures } from './featureTable.js';
import { writeFeaturizer } from './featurizerTable.js';
import { comparedTexts, ownClusters } from './grouping.js';
import { type Copied, LearnParams, learnFeaturizer, needsAllRows, planOf } from './learnFeatures.js';
import { only } from './prepared.js';
import { openRows, stepsOf, type Tell, trainingRows, type RowSource } from './rowSource.js';
import { readGround, writeSamples } from './sampleGround.js';
import type { Stage } from './stage.js';

const Params = LearnParams.extend({
  task: TaskChoice,
  nearDuplicates: CleanConfig.shape.nearDuplicates.unwrap(),
  propensityFloor: z.number().min(0).max(1).optional(),
});
type Params = z.infer<typeof Params>;

const CLASS_COLUMNS = [
  { name: 'code', type: 'int32' },
  { name: 'name', type: 'utf8' },
] as const;

/** Learns features from training rows, applies them to all, encodes targets, finds groups of near-duplicates. */
export const featurize: Stage<Params> = {
  name: 'featurize',
  paramsSchema: Params,
  inputs: ['dataset'],
  summary: () => 'features of text, attributes, numbers and categories',
  async run({ params, inputs, seed }, context) {
    const { artifacts } = context;
    const table = only(inputs, 'dataset');
    const source = await openRows(table, context, needsAllRows(params));
    const { propensity } = params.columns;
    const step = stepsOf(source.rows, 4, context);
    const ground = await readGround(source, { propensity, floor: params.propensityFloor ?? 0 }, step(0));
    const training = Int32Array.from(ground.split.keys()).filter((row) => ground.split[row] === 0);
    if (training.length === 0) throw new DataError('featurize: no training rows; check dataset.split');
    const task = taskOf(params.task);
    const trained = Array.from(training, (row) => ground.targets[row]!);
    const { classes } = task.encode(trained);
    const { codes } = task.encode(ground.targets, classes);
    const plan = await planOf(params, inputs, context);
    const rows = await trainingRows(source, training.length);
    const count = countingElsewhere(table, context);
    const learning = { rows, training, codes, outputs: classes.length, seed, count };
    const { featurizer, copies } = await learnFeaturizer(learning, params, plan, step(1));
    const features = await writeInputs(source, params.input, featurizer, artifacts, step(2));
    const clusters = await clustersOf(source, params, step(3));
    const groups = task.duplicates === 'join' ? unionGroups(ground.groups, clusters) : ground.groups;
    const torn = groupsOnSeveralSides(ground.groups, ground.split);
    const outputs = {
      samples: [await writeSamples(source, ground, { codes, groups, clusters }, task, artifacts)],
      features: [features],
      ...(copies ? await writeCopies(copies, training, featurizer, artifacts) : {}),
      featurizer: [await writeFeaturizer(artifacts, featurizer)],
      classes: [
        await artifacts.writeTable('classes', CLASS_COLUMNS, [
          { rows: classes.length, columns: { code: Int32Array.from(classes.keys()), name: classes } },
        ]),
      ],
    };
    return {
      outputs,
      figures: {
        features: featurizer.width,
        classes: classes.length,
        ...(copies ? { copies: copies.origins.length } : {}),
        nearDuplicates: source.rows - clusterCount(clusters),
        conflictingClusters: conflicts(clusters, codes).length,
        unknownTargets: codes.reduce((count, code) => count + Number(code < 0), 0),
        // Of a split that the data bring: what is judged as unseen was seen. A user's rows are meant to be on all sides.
        ...(torn > 0 && task.folds !== 'rows' ? { groupsOnSeveralSides: torn } : {}),
      },
    };
  },
};

function writeInputs(
  source: RowSource,
  kind: InputKind,
  featurizer: Featurizer,
  artifacts: ArtifactStore,
  tell: Tell,
): Promise<ArtifactRef> {
  async function* inputs(): AsyncGenerator<ModelInput> {
    let done = 0;
    for await (const batch of source.read([...new Set(['id', ...inputColumns(featurizer)])])) {
      yield makeInput(featurizer, batch);
      tell((done += batch.rows));
    }
  }
  return writeFeatureParts(artifacts, kind, inputs());
}

/** Near-duplicates are found among the texts of all rows, which are kept for it. */
async function clustersOf(
  source: RowSource,
  { columns: { text }, nearDuplicates: { enabled, threshold } }: Params,
  tell: Tell,
): Promise<Int32Array> {
  if (!enabled || text.length === 0) return ownClusters(source.rows);
  const compared: string[] = [];
  for await (const batch of source.read(text)) {
    for (const one of comparedTexts(batch, text)) compared.push(one);
    tell(compared.length / 2);
  }
  return nearDuplicateClusters(compared, threshold);
}

/** Features of copies, and which rows they are copies of. */
async function writeCopies(
  { batch, origins, config }: Copied,
  training: Int32Array,
  featurizer: Featurizer,
  artifacts: ArtifactStore,
): Promise<Artifacts> {
  const counts = new Map<number, number>();
  for (const origin of origins) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  const columns = {
    row: origins.map((origin) => training[origin]!),
    share: Float64Array.from(origins, (origin) => config.weight / counts.get(origin)!),
  };
  return {
    augmented: [await writeFeatures(artifacts, makeInput(featurizer, batch))],
    origins: [await artifacts.writeTable('samples', ORIGIN_COLUMNS, [{ rows: origins.length, columns }])],
  };
}

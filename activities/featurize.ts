import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { CleanConfig, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import { clusterCount, conflicts, nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { unionGroups } from '../core/folds.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { makeInput } from '../core/features/inputs.js';
import { groupsOnSeveralSides } from '../core/split.js';
import { taskOf } from '../core/tasks/index.js';
import { inputsOf } from './applyFeatures.js';
import { ORIGIN_COLUMNS } from './augmented.js';
import { countingElsewhere } from './countElsewhere.js';
import { writeFeatureParts, writeFeatures } from './featureTable.js';
import { readFeaturizer, writeFeaturizer } from './featurizerTable.js';
import { comparedTexts, ownClusters } from './grouping.js';
import {
  type Copied,
  type Learned,
  type LearningRows,
  LearnParams,
  learnFeaturizer,
  needsAllRows,
  planOf,
  refuseUntrained,
  rowsPerShare,
} from './learnFeatures.js';
import { only } from './prepared.js';
import { openRows, stepsOf, type Tell, trainingRows, type RowSource } from './rowSource.js';
import { readGround, writeSamples } from './sampleGround.js';
import type { Stage, StageJob } from './stage.js';

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

/**
 * Learns features from training rows and applies them to all, unless that was done in shares (inputs featurizer and features);
 * encodes targets, finds groups of near-duplicates.
 */
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
    refuseUntrained(training.length);
    const task = taskOf(params.task);
    const trained = Array.from(training, (row) => ground.targets[row]!);
    const { classes } = task.encode(trained);
    const { codes } = task.encode(ground.targets, classes);
    const ways = [step(1), step(2)] as const;
    const made =
      (await madeInShares(inputs, artifacts)) ??
      (await makeFeatures(
        source,
        { training, codes, outputs: classes.length, seed, count: countingElsewhere(table, context) },
        { params, inputs },
        context,
        ways,
      ));
    const { featurizer, copies } = made;
    const clusters = await clustersOf(source, params, step(3));
    const groups = task.duplicates === 'join' ? unionGroups(ground.groups, clusters) : ground.groups;
    const torn = groupsOnSeveralSides(ground.groups, ground.split);
    const outputs = {
      samples: [await writeSamples(source, ground, { codes, groups, clusters }, task, artifacts)],
      features: [made.features],
      ...(copies ? await writeCopies(copies, training, featurizer, artifacts) : {}),
      featurizer: [made.stored],
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

interface Made extends Learned {
  readonly stored: ArtifactRef; // the featurizer
  readonly features: ArtifactRef;
}

/** What learnFeatures and applyFeatures made, put together; undefined where the features are yet to be made. */
async function madeInShares(inputs: Artifacts, artifacts: ArtifactStore): Promise<Made | undefined> {
  const [first, ...others] = inputs['features'] ?? [];
  if (!first) return undefined;
  const stored = only(inputs, 'featurizer');
  const featurizer = await readFeaturizer(artifacts, stored);
  return { featurizer, stored, features: await artifacts.joinTables([first, ...others]) };
}

/** Learns features from the training rows and applies them to all. */
async function makeFeatures(
  source: RowSource,
  known: Omit<LearningRows, 'rows'>,
  { params, inputs }: Pick<StageJob<Params>, 'params' | 'inputs'>,
  context: StageContext,
  [learning, applying]: readonly [Tell, Tell],
): Promise<Made> {
  const { artifacts } = context;
  const rows = await trainingRows(source, known.training.length);
  const plan = await planOf(params, inputs, context);
  const learned = await learnFeaturizer({ rows, ...known }, params, plan, learning);
  const fed = inputsOf(source, learned.featurizer, applying);
  const size = rowsPerShare(source.rows, params.features);
  const features = await writeFeatureParts(artifacts, params.input, fed, size);
  return { ...learned, features, stored: await writeFeaturizer(artifacts, learned.featurizer) };
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

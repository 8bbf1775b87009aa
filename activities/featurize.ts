import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { Knowledge } from '../contracts/knowledge.js';
import { AugmentConfig, FeaturesConfig } from '../contracts/featureSettings.js';
import { CleanConfig, Columns, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { InputKind, ModelInput } from '../contracts/model.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import { augmentRows, type Augmented } from '../core/augment/augment.js';
import { clusterCount, conflicts, nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { unionGroups } from '../core/folds.js';
import { joinedTexts } from '../core/features/columns.js';
import {
  featurizerLearner,
  inputColumns,
  readsByCharacters,
  type Featurizer,
} from '../core/features/featurizer.js';
import { fitInputs, type InputPlan, makeInput, type TrainingTargets } from '../core/features/inputs.js';
import { FEATURIZER_COLUMNS, featurizerBatches } from '../core/features/store.js';
import { groupsOnSeveralSides } from '../core/split.js';
import { gather, texts } from '../core/table.js';
import { taskOf } from '../core/tasks/index.js';
import { ORIGIN_COLUMNS } from './augmented.js';
import { writeFeatureParts, writeFeatures } from './featureTable.js';
import { comparedTexts, ownClusters } from './grouping.js';
import { only, readDocument } from './prepared.js';
import { openRows, trainingRows, type RowSource } from './rowSource.js';
import { readGround, writeSamples } from './sampleGround.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  task: TaskChoice,
  columns: Columns,
  features: FeaturesConfig,
  augment: AugmentConfig.optional(),
  /** Whether rules and facts become features, too. @default true */
  knowledgeFeatures: z.boolean().optional(),
  nearDuplicates: CleanConfig.shape.nearDuplicates.unwrap(),
  /** What the model is fed, and how it likes its text cut. */
  input: z.enum(['sparse', 'dense', 'sequence', 'pair']).default('sparse'),
  tokenizer: z.enum(['words', 'wordpiece']).default('words'),
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
    const source = await openRows(only(inputs, 'dataset'), context, needsAllRows(params));
    const { propensity } = params.columns;
    const step = stepsOf(source, context);
    const ground = await readGround(source, { propensity, floor: params.propensityFloor ?? 0 }, step(0));
    const training = Int32Array.from(ground.split.keys()).filter((row) => ground.split[row] === 0);
    if (training.length === 0) throw new DataError('featurize: no training rows; check dataset.split');
    const task = taskOf(params.task);
    const trained = Array.from(training, (row) => ground.targets[row]!);
    const { classes } = task.encode(trained);
    const { codes } = task.encode(ground.targets, classes);
    const plan = await planOf(params, inputs, context);
    const targets = { training, codes, outputs: classes.length, seed };
    const { featurizer, copies } = await learn(source, params, plan, targets, step(1));
    if (featurizer.width === 0) {
      throw new DataError(
        `featurize: no feature is left of columns ${namedColumns(params.columns).join(', ') || '(none)'}; lower features.words.minDocumentFrequency or name more columns`,
      );
    }
    const features = await writeInputs(source, params.input, featurizer, artifacts, step(2));
    const clusters = await clustersOf(source, params, step(3));
    const groups = task.duplicates === 'join' ? unionGroups(ground.groups, clusters) : ground.groups;
    const torn = groupsOnSeveralSides(ground.groups, ground.split);
    const outputs = {
      samples: [await writeSamples(source, ground, { codes, groups, clusters }, task, artifacts)],
      features: [features],
      ...(copies ? await writeCopies(copies, training, featurizer, artifacts) : {}),
      featurizer: [
        await artifacts.writeTable('featurizer', FEATURIZER_COLUMNS, featurizerBatches(featurizer)),
      ],
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

/** Whether something is asked for that looks at all rows at once; else a table larger than memory is gone through in parts. */
const needsAllRows = ({ features, augment, input }: Params): boolean =>
  augment !== undefined ||
  features.select !== undefined ||
  features.reduce.length > 0 ||
  features.match !== undefined ||
  features.numeric.inQuery === true ||
  input === 'sequence' ||
  input === 'pair';

const SCRIPT_TEXTS = 1000;

type Tell = (rows: number) => void;

/** Steps of the stage, each told by how many of all rows it has seen. @throws the abortion between two batches */
const stepsOf =
  ({ rows }: RowSource, { progress, signal }: StageContext) =>
  (step: number): Tell =>
  (done) => {
    signal.throwIfAborted();
    progress({ done: step + Math.min(1, done / Math.max(1, rows)), total: 4, unit: 'steps' });
  };

interface Learned {
  readonly featurizer: Featurizer;
  readonly copies?: Copied;
}

type Copied = Augmented & { readonly config: AugmentConfig };

/** Learns from the training rows: of a table that is kept, all at once. */
async function learn(
  source: RowSource,
  params: Params,
  plan: InputPlan,
  {
    training,
    codes,
    outputs,
    seed,
  }: { training: Int32Array; codes: Int32Array } & Omit<TrainingTargets, 'targets'>,
  tell: Tell,
): Promise<Learned> {
  const { columns, features, augment } = params;
  const rows = await trainingRows(source, training.length);
  if (!needsAllRows(params)) return { featurizer: await learnInParts(rows, params, plan, tell) };
  const batch = await gather(rows.read());
  const known = params.knowledgeFeatures !== false ? plan : { ...plan, knowledge: { rules: [], facts: [] } };
  const copies = augment && {
    config: augment,
    ...augmentRows(batch, columns, augment, { facts: plan.knowledge?.facts ?? [], seed }),
  };
  const learnedFrom = [...training, ...(copies?.origins ?? []).map((at) => training[at]!)];
  const targets = Int32Array.from(learnedFrom, (row) => codes[row]!);
  const batches = copies ? [batch, copies.batch] : [batch];
  const featurizer = fitInputs(batches, columns, features, known, { targets, outputs, seed });
  return { featurizer, ...(copies ? { copies } : {}) };
}

async function learnInParts(
  rows: RowSource,
  { columns, features, knowledgeFeatures }: Params,
  { knowledge }: InputPlan,
  tell: Tell,
): Promise<Featurizer> {
  const byCharacters = readsByCharacters(features, await firstTexts(rows, columns.text));
  const known = knowledge && knowledgeFeatures !== false ? { knowledge } : {};
  const learner = featurizerLearner(columns, features, { byCharacters, ...known });
  const wanted = known.knowledge?.rules.length ? undefined : ['id', ...namedColumns(columns)];
  for (let pass = 0; pass < learner.passes; pass++) {
    let seen = 0;
    for await (const batch of rows.read(wanted)) {
      learner.add(batch, pass);
      seen += batch.rows;
      tell(((pass + seen / rows.rows) / learner.passes) * rows.rows);
    }
  }
  return learner.featurizer();
}

/** Enough texts to tell the script by. @see readsByCharacters */
async function firstTexts(rows: RowSource, columns: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  if (columns.length === 0) return found;
  for await (const batch of rows.read(columns)) {
    for (const text of joinedTexts(batch, columns)) if (/\p{L}/u.test(text)) found.push(text);
    if (found.length >= SCRIPT_TEXTS) break;
  }
  return found;
}

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

/** A vocabulary that came with an imported encoder is taken as it is. */
async function planOf(params: Params, inputs: Artifacts, { artifacts }: StageContext): Promise<InputPlan> {
  const { tokenizer } = params.features.sequence;
  const knowledge = inputs['knowledge']
    ? { knowledge: Knowledge.parse(await readDocument(artifacts, only(inputs, 'knowledge'))) }
    : {};
  const plan: InputPlan = {
    input: params.input,
    tokenizer: tokenizer === 'auto' ? params.tokenizer : tokenizer,
    ...knowledge,
  };
  if (!inputs['vocabulary']) return plan;
  const table = await gather(artifacts.readTable(only(inputs, 'vocabulary')));
  return { ...plan, vocabulary: texts(table, 'token') as readonly string[] };
}

const namedColumns = ({ text, attributes, numeric, categorical, vectors = {} }: Columns): string[] => [
  ...[...text, ...attributes, ...numeric, ...categorical],
  ...Object.keys(vectors),
];

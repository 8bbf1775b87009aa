import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { Knowledge } from '../contracts/knowledge.js';
import { SPLITS } from '../contracts/prepared.js';
import { AugmentConfig, FeaturesConfig } from '../contracts/featureSettings.js';
import { CleanConfig, Columns, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { augmentRows, type Augmented } from '../core/augment/augment.js';
import { conflicts } from '../core/duplicates/nearDuplicates.js';
import { unionGroups } from '../core/folds.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { fitInputs, type InputPlan, makeInput } from '../core/features/inputs.js';
import { numberColumn } from '../core/features/columns.js';
import { FEATURIZER_COLUMNS, featurizerBatches } from '../core/features/store.js';
import { gather, pickRows, texts } from '../core/table.js';
import { taskOf, type Task } from '../core/tasks/index.js';
import { ORIGIN_COLUMNS } from './augmented.js';
import { writeFeatures } from './featureTable.js';
import { textClusters } from './grouping.js';
import { only, readDocument } from './prepared.js';
import { userGroups } from './userGroups.js';
import { SAMPLE_COLUMNS } from './sampleColumns.js';
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

/** Only where folds hold out rows of every group, and where rows were logged with known chances. */
const FOLD_GROUP = { name: 'fold_group', type: 'int32' } as const;
const PROPENSITY = { name: 'propensity', type: 'float64' } as const;
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
    const { artifacts, progress } = context;
    const table = await gather(artifacts.readTable(only(inputs, 'dataset')));
    const split = Int32Array.from(texts(table, 'split'), (name) =>
      SPLITS.indexOf(name as (typeof SPLITS)[number]),
    );
    const training = Int32Array.from(split.keys()).filter((row) => split[row] === 0);
    if (training.length === 0) throw new DataError('featurize: no training rows; check dataset.split');
    progress({ done: 1, total: 4, unit: 'steps' });
    const trainingBatch = pickRows(table, training);
    const task = taskOf(params.task);
    const { classes } = task.encode(texts(trainingBatch, 'target'));
    const { codes } = task.encode(texts(table, 'target'), classes);
    const plan = await planOf(params, inputs, context);
    const copies = params.augment && {
      config: params.augment,
      ...augmentRows(trainingBatch, params.columns, params.augment, {
        facts: plan.knowledge?.facts ?? [],
        seed,
      }),
    };
    const learnedFrom = Int32Array.from([...training, ...(copies?.origins ?? []).map((at) => training[at]!)]);
    const featurizer = fitInputs(
      copies ? [trainingBatch, copies.batch] : [trainingBatch],
      params.columns,
      params.features,
      params.knowledgeFeatures !== false ? plan : { ...plan, knowledge: { rules: [], facts: [] } },
      { targets: learnedFrom.map((row) => codes[row]!), outputs: classes.length, seed },
    );
    if (featurizer.width === 0) {
      throw new DataError(
        `featurize: no feature is left of columns ${describeColumns(params.columns)}; lower features.words.minDocumentFrequency or name more columns`,
      );
    }
    progress({ done: 2, total: 4, unit: 'steps' });
    const input = makeInput(featurizer, table);
    progress({ done: 3, total: 4, unit: 'steps' });
    const { enabled, threshold } = params.nearDuplicates;
    const clusters = textClusters(table, enabled ? params.columns.text : [], threshold);
    const asked = userGroups(table);
    const groups = task.duplicates === 'join' ? unionGroups(asked, clusters) : asked;
    const outputs = {
      samples: [await writeSamples({ table, split, codes, groups, clusters }, task, params, artifacts)],
      features: [await writeFeatures(artifacts, input)],
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
        nearDuplicates: table.rows - new Set(clusters).size,
        conflictingClusters: conflicts(clusters, codes).length,
        unknownTargets: codes.filter((code) => code < 0).length,
      },
    };
  },
};

interface Encoded {
  readonly table: ColumnBatch;
  readonly split: Int32Array;
  readonly codes: Int32Array;
  readonly groups: Int32Array;
  readonly clusters: Int32Array;
}

/** What a model learns each row by, beside its features. */
function writeSamples(
  { table, split, codes, groups, clusters }: Encoded,
  { folds }: Task,
  params: Params,
  artifacts: ArtifactStore,
): Promise<ArtifactRef> {
  const propensities = propensitiesOf(table, params);
  const row = Int32Array.from(split.keys());
  const specs = [
    ...SAMPLE_COLUMNS,
    ...(folds === 'rows' ? [FOLD_GROUP] : []),
    ...(propensities ? [PROPENSITY] : []),
  ];
  const columns = {
    ...{ row, id: texts(table, 'id'), split, target: codes, group: groups, cluster: clusters },
    ...(folds === 'rows' ? { fold_group: row } : {}),
    ...(propensities ? { propensity: propensities } : {}),
  };
  return artifacts.writeTable('samples', specs, [{ rows: table.rows, columns }]);
}

/** Features of copies, and which rows they are copies of. */
async function writeCopies(
  { batch, origins, config }: Augmented & { readonly config: AugmentConfig },
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

/** Chances that rows were logged, at least the floor. */
function propensitiesOf(
  table: ColumnBatch,
  { columns: { propensity }, propensityFloor = 0 }: Params,
): Float64Array | undefined {
  if (propensity === undefined) return undefined;
  if (!table.columns[propensity]) {
    const known = Object.keys(table.columns).join(', ');
    throw new DataError(
      `dataset.columns.propensity: the dataset has no column "${propensity}"; it has ${known}`,
    );
  }
  const given = numberColumn(table, propensity);
  const wrong = given.findIndex((chance) => !(chance > 0 && chance <= 1));
  if (wrong < 0) return given.map((chance) => Math.max(chance, propensityFloor));
  throw new DataError(
    `dataset.columns.propensity: column "${propensity}" of row ${texts(table, 'id')[wrong]} says ${given[wrong]}, expected a chance above 0 ` +
      'and at most 1; drop rows that were logged without one, or leave the column out',
  );
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

const describeColumns = ({ text, attributes, numeric, categorical, vectors = {} }: Columns): string =>
  [...text, ...attributes, ...numeric, ...categorical, ...Object.keys(vectors)].join(', ') || '(none)';

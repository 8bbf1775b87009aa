import { z } from 'zod';
import { DataError } from '../contracts/errors.js';
import { AugmentConfig, FeaturesConfig } from '../contracts/featureSettings.js';
import { Knowledge } from '../contracts/knowledge.js';
import { Columns } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { augmentRows, type Augmented } from '../core/augment/augment.js';
import type { CountRequest } from '../core/features/block.js';
import { joinedTexts } from '../core/features/columns.js';
import { featurizerLearner, readsByCharacters, type Featurizer } from '../core/features/featurizer.js';
import { fitInputs, type InputPlan, type TrainingTargets } from '../core/features/inputs.js';
import { gather, texts } from '../core/table.js';
import { countingElsewhere } from './countElsewhere.js';
import { writeFeaturizer } from './featurizerTable.js';
import { only, readDocument } from './prepared.js';
import { openRows, type RowSource, stepsOf, type Tell, trainingRows } from './rowSource.js';
import type { Stage } from './stage.js';

/** What decides how features are made of rows. */
export const LearnParams = z.strictObject({
  columns: Columns,
  features: FeaturesConfig,
  augment: AugmentConfig.optional(),
  /** Whether rules and facts become features, too. @default true */
  knowledgeFeatures: z.boolean().optional(),
  /** What the model is fed, and how it likes its text cut. */
  input: z.enum(['sparse', 'dense', 'sequence', 'pair']).default('sparse'),
  tokenizer: z.enum(['words', 'wordpiece']).default('words'),
});
export type LearnParams = z.infer<typeof LearnParams>;

/**
 * Learns the featurizer of a large table, whose features are then made in shares: into how many of how many rows, the
 * figures tell. Where all rows are needed at once nothing is learned, and there are no shares.
 */
export const learnFeatures: Stage<LearnParams> = {
  name: 'learnFeatures',
  paramsSchema: LearnParams,
  inputs: ['dataset'],
  summary: () => 'learn features from training rows',
  async run({ params, inputs }, context) {
    if (needsAllRows(params)) return { outputs: {}, figures: { shares: 0 } };
    const table = only(inputs, 'dataset');
    const source = await openRows(table, context, false);
    const rows = await trainingRows(source, await countTraining(source));
    const plan = await planOf(params, inputs, context);
    const learning = { rows, count: countingElsewhere(table, context) };
    const featurizer = await learnInParts(learning, params, plan, stepsOf(rows.rows, 1, context)(0));
    const size = rowsPerShare(source.rows, params.features);
    const shares = Math.ceil(source.rows / size);
    return {
      outputs: { featurizer: [await writeFeaturizer(context.artifacts, featurizer)] },
      figures: { features: featurizer.width, shares, rowsPerShare: size },
    };
  },
};

const MOST_SHARES = 1000;

/** How many rows of so many have their features made in one share. */
export const rowsPerShare = (rows: number, { rowsPerShare: asked }: FeaturesConfig): number =>
  asked * Math.max(1, Math.ceil(rows / (asked * MOST_SHARES)));

async function countTraining(source: RowSource): Promise<number> {
  let count = 0;
  for await (const batch of source.read(['split']))
    for (const side of texts(batch, 'split')) count += Number(side === 'train');
  refuseUntrained(count);
  return count;
}

/** @throws DataError where there is nothing to learn from */
export function refuseUntrained(training: number): void {
  if (training === 0) throw new DataError('featurize: no training rows; check dataset.split');
}

export interface Learned {
  readonly featurizer: Featurizer;
  readonly copies?: Copied;
}

/** Copies of training rows that are learned from, too. */
export type Copied = Augmented & { readonly config: AugmentConfig };

/** Training rows, and all that is known of them beside. */
export interface LearningRows {
  readonly rows: RowSource;
  /** Where they stand in the table. */
  readonly training: Int32Array;
  readonly codes: Int32Array; // (n,) of all rows: their targets
  readonly outputs: number;
  readonly seed: number;
  /** Has terms counted, and takes the counts, on another engine than this machine's. */
  readonly count?: ((requests: readonly CountRequest[]) => Promise<void>) | undefined;
}

const SCRIPT_TEXTS = 1000;

/** Whether something is asked for that looks at all rows at once; else a table larger than memory is gone through in parts. */
export const needsAllRows = ({ features, augment, input }: LearnParams): boolean =>
  augment !== undefined ||
  features.select !== undefined ||
  features.reduce.length > 0 ||
  features.match !== undefined ||
  features.numeric.inQuery === true ||
  input === 'sequence' ||
  input === 'pair';

/**
 * Learns from the training rows: of a table that is kept, all at once.
 *
 * @throws DataError where no feature is left
 */
export async function learnFeaturizer(
  { rows, training, codes, outputs, seed, count }: LearningRows,
  params: LearnParams,
  plan: InputPlan,
  tell: Tell,
): Promise<Learned> {
  if (!needsAllRows(params)) return { featurizer: await learnInParts({ rows, count }, params, plan, tell) };
  const { columns, features, augment } = params;
  const batch = await gather(rows.read());
  const known = params.knowledgeFeatures !== false ? plan : { ...plan, knowledge: { rules: [], facts: [] } };
  const copies = augment && {
    config: augment,
    ...augmentRows(batch, columns, augment, { facts: plan.knowledge?.facts ?? [], seed }),
  };
  const learnedFrom = [...training, ...(copies?.origins ?? []).map((at) => training[at]!)];
  const targets: TrainingTargets = {
    targets: Int32Array.from(learnedFrom, (row) => codes[row]!),
    ...{ outputs, seed },
  };
  const batches = copies ? [batch, copies.batch] : [batch];
  const featurizer = fitInputs(batches, columns, features, known, targets);
  refuseNone(featurizer, columns);
  return { featurizer, ...(copies ? { copies } : {}) };
}

/**
 * Learns from training rows that come in parts.
 *
 * @param params that don't need all rows at once
 * @throws DataError where no feature is left
 */
async function learnInParts(
  { rows, count }: Pick<LearningRows, 'rows' | 'count'>,
  { columns, features, knowledgeFeatures }: LearnParams,
  { knowledge }: InputPlan,
  tell: Tell,
): Promise<Featurizer> {
  const byCharacters = readsByCharacters(features, await firstTexts(rows, columns.text));
  const known = knowledge && knowledgeFeatures !== false ? { knowledge } : {};
  const learner = featurizerLearner(columns, features, { byCharacters, ...known });
  await count?.(learner.requests);
  const { passes, add } = count ? learner.rest : learner;
  const all = known.knowledge?.rules.length ? undefined : ['id', ...namedColumns(columns)];
  const wanted = count ? learner.rest.columns : all;
  for (let pass = 0; pass < passes; pass++) {
    let seen = 0;
    for await (const batch of rows.read(wanted)) {
      add(batch, pass);
      seen += batch.rows;
      tell(((pass + seen / rows.rows) / passes) * rows.rows);
    }
  }
  const featurizer = learner.featurizer();
  refuseNone(featurizer, columns);
  return featurizer;
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

/** What is known before the first row. A vocabulary that came with an imported encoder is taken as it is. */
export async function planOf(
  { features, input, tokenizer }: LearnParams,
  inputs: Artifacts,
  { artifacts }: StageContext,
): Promise<InputPlan> {
  const asked = features.sequence.tokenizer;
  const knowledge = inputs['knowledge']
    ? { knowledge: Knowledge.parse(await readDocument(artifacts, only(inputs, 'knowledge'))) }
    : {};
  const plan: InputPlan = { input, tokenizer: asked === 'auto' ? tokenizer : asked, ...knowledge };
  if (!inputs['vocabulary']) return plan;
  const table = await gather(artifacts.readTable(only(inputs, 'vocabulary')));
  return { ...plan, vocabulary: texts(table, 'token') as readonly string[] };
}

function refuseNone({ width }: Featurizer, columns: Columns): void {
  if (width > 0) return;
  const named = namedColumns(columns).join(', ') || '(none)';
  throw new DataError(
    `featurize: no feature is left of columns ${named}; lower features.words.minDocumentFrequency or name more columns`,
  );
}

const namedColumns = ({ text, attributes, numeric, categorical, vectors = {} }: Columns): string[] => [
  ...[...text, ...attributes, ...numeric, ...categorical],
  ...Object.keys(vectors),
];

import type { RunConfig } from '../config/runConfig.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { RunOne } from './encoder.js';
import type { ModelTraits } from './job.js';
import { tablesOn } from './reading.js';
import type { Shard } from './shards.js';
import type { StageRunner } from './stages.js';

/** What decides where features are made. */
export interface FeaturesHost {
  readonly runner: StageRunner;
  /** Asked where a table has more rows than a share. @default featurize makes all features itself */
  readonly sharesFeatures?: () => boolean;
}

/** What features are made of. */
interface FeaturesGround {
  readonly config: () => RunConfig;
  readonly traits: ModelTraits;
  readonly clean: StageResult;
  /** Where people know something of the rows. */
  readonly known: StageResult | undefined;
  readonly imported: Artifacts;
}

/** Samples and features of the cleaned rows: those of a large table are made by workers side by side, and then put together. */
export async function featurizeRows(
  host: FeaturesHost,
  run: RunOne,
  ground: FeaturesGround,
): Promise<StageResult> {
  const shard = (): Omit<Shard, 'path' | 'params'> & { readonly params: FeaturizeParams } => ({
    stage: 'featurize',
    summary: 'features of text, attributes, numbers and categories',
    seed: ground.config().seed,
    params: featurizeParams(ground),
    inputs: featurizeInputs(ground),
    ...tablesOn(ground.config()),
  });
  const made = await inShares(host, run, ground, shard);
  return run('featurize', () => {
    const asked = shard();
    return { ...asked, inputs: { ...asked.inputs, ...made(asked.params) } };
  });
}

type FeaturizeParams = ReturnType<typeof featurizeParams>;

function featurizeParams({ config, traits, known }: FeaturesGround) {
  return {
    task: config().task,
    columns: config().dataset.columns,
    features: config().features,
    nearDuplicates: config().clean.nearDuplicates,
    ...(known ? { knowledgeFeatures: config().knowledge!.features } : {}),
    ...(config().augment ? { augment: config().augment! } : {}),
    ...(config().dataset.columns.propensity === undefined
      ? {}
      : { propensityFloor: config().training.propensityFloor }),
    ...(traits.input ? { input: traits.input } : {}),
    ...(traits.tokenizer ? { tokenizer: traits.tokenizer } : {}),
  };
}

const featurizeInputs = ({ config, clean, known, imported }: FeaturesGround): Artifacts => ({
  dataset: clean.outputs['dataset']!,
  ...(known && (config().knowledge!.features || config().augment)
    ? { knowledge: known.outputs['knowledge']! }
    : {}),
  ...(imported['vocabulary'] ? { vocabulary: imported['vocabulary'] } : {}),
});

/** What of featurize's parameters decides the features. */
function learnParams(given: FeaturizeParams): object {
  const { task: _, nearDuplicates: __, propensityFloor: ___, ...learned } = given;
  return learned;
}

/**
 * Learns the features, then makes them share by share.
 *
 * @returns inputs of featurize: none where it has to make the features, or was given other settings of them since
 */
async function inShares(
  { runner, sharesFeatures }: FeaturesHost,
  run: RunOne,
  { config, clean }: FeaturesGround,
  shard: () => Omit<Shard, 'path' | 'params'> & { readonly params: FeaturizeParams },
): Promise<(now: FeaturizeParams) => Artifacts> {
  const dataset = clean.outputs['dataset']!;
  const rows = dataset.reduce((sum, part) => sum + part.rows, 0);
  // Runs that began before there were shares have no such setting.
  const { rowsPerShare = Infinity } = config().features as Partial<RunConfig['features']>;
  if (rows <= rowsPerShare || sharesFeatures?.() !== true) return () => ({});
  const learned = await run('learnFeatures', () => {
    const { params, ...asked } = shard();
    const summary = 'learn features from training rows';
    return { ...asked, stage: 'learnFeatures', summary, params: learnParams(params) };
  });
  const decided = JSON.stringify(learnParams(shard().params));
  const of = Number(learned.figures['shares']);
  if (of === 0) return () => ({});
  const size = Number(learned.figures['rowsPerShare']);
  const featurizer = learned.outputs['featurizer']!;
  const made = await runner.run('applyFeatures', () =>
    Array.from({ length: of }, (_, index) => ({
      path: `applyFeatures.${index}`,
      stage: 'applyFeatures',
      summary: `features of rows, share ${index + 1} of ${of}`,
      seed: config().seed,
      params: { from: index * size, to: Math.min(rows, (index + 1) * size) },
      inputs: { dataset, featurizer },
    })),
  );
  const features = made!.flatMap(({ outputs }) => outputs['features']!);
  return (now) => (JSON.stringify(learnParams(now)) === decided ? { featurizer, features } : {});
}

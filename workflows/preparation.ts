import type { RunConfig } from '../config/runConfig.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import type { ModelTraits } from './job.js';
import { importedEncoder, pretrainedEncoder, type RunOne } from './encoder.js';
import { modelName, registers } from './registering.js';
import { featurizeRows, type FeaturesHost } from './featurizing.js';
import { readApart, tablesOn, type ReadingHost } from './reading.js';
import type { Shard } from './shards.js';

/** What training starts from. */
interface Preparation {
  readonly clean: StageResult;
  readonly featurize: StageResult;
  /** Samples, features, classes, and the pretrained encoder where there is one. */
  readonly prepared: Artifacts;
}

/** From files to samples that a model can be fed, and to the encoder that it starts from. */
export async function prepareSamples(
  host: ReadingHost & FeaturesHost,
  run: RunOne,
  config: () => RunConfig,
  traits: ModelTraits,
): Promise<Preparation> {
  await readApart(host, run, config);
  const ingest = await run('ingest', () => ({
    stage: 'ingest',
    summary: `read ${String(config().dataset.source)}`,
    seed: config().seed,
    params: { dataset: config().dataset },
    inputs: {},
    fresh: true,
    ...tablesOn(config()),
  }));
  const cleaned = await run('clean', () => ({
    stage: 'clean',
    summary: 'drop, clip, impute; check the data contract',
    seed: config().seed,
    params: { dataset: config().dataset, clean: config().clean },
    inputs: { dataset: ingest.outputs['dataset']!, quarantine: ingest.outputs['quarantine']! },
    ...tablesOn(config()),
  }));
  const known = config().knowledge
    ? await run('knowledge', () => ({
        stage: 'knowledge',
        summary: 'targets against what people know',
        seed: config().seed,
        params: { columns: config().dataset.columns, knowledge: config().knowledge! },
        inputs: { dataset: cleaned.outputs['dataset']!, quarantine: cleaned.outputs['quarantine']! },
        fresh: true,
      }))
    : undefined;
  const clean: StageResult = known
    ? { ...cleaned, outputs: { ...cleaned.outputs, ...known.outputs } }
    : cleaned;
  const imported = await importedEncoder(run, config);
  const featurize = await featurizeRows(host, run, { config, traits, clean, known, imported });
  const pretrained = await pretrainedEncoder(run, config, featurize.outputs, imported);

  const { samples, features, classes, augmented, origins } = featurize.outputs;
  const prepared: Artifacts = {
    ...{ samples: samples!, features: features!, classes: classes! },
    ...(augmented && origins ? { augmented, origins } : {}),
    ...pretrained,
  };
  return { clean, featurize, prepared };
}

/** Looks at the cleaned table, and at the champion's where there is one. */
export const profileShard = (config: RunConfig, clean: StageResult): Omit<Shard, 'path'> => ({
  stage: 'profile',
  summary: 'distributions, and drift against the champion',
  seed: config.seed,
  params: {
    columns: config.dataset.columns,
    ...(registers(config) ? { model: modelName(config) } : {}),
  },
  inputs: { dataset: clean.outputs['dataset']! },
  fresh: true,
  ...tablesOn(config),
});

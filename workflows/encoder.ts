import type { RunConfig } from '../config/runConfig.js';
import type { Artifacts, StageResult } from '../contracts/stage.js';
import { engineOf, withoutOrigin } from './pipeline.js';
import type { Shard } from './shards.js';

/** Runs a stage of one shard; the shard is asked for again after a retry with new settings. */
export type RunOne = (path: string, shard: () => Omit<Shard, 'path'>) => Promise<StageResult>;

/** The encoder and vocabulary of `model.from`; nothing where the configuration names none. */
export async function importedEncoder(run: RunOne, config: () => RunConfig): Promise<Artifacts> {
  if (config().model.from === undefined) return {};
  const { outputs } = await run('importModel', () => ({
    stage: 'importModel',
    summary: `take in the encoder of ${String(config().model.from)}`,
    seed: config().seed,
    params: { from: config().model.from },
    inputs: {},
    fresh: true,
  }));
  return outputs;
}

/** What fits start from: the encoder that was pretrained here, else the imported one, else nothing. */
export async function pretrainedEncoder(
  run: RunOne,
  config: () => RunConfig,
  featurized: Artifacts,
  imported: Artifacts,
): Promise<Artifacts> {
  const given: Artifacts = imported['pretrained'] ? { pretrained: imported['pretrained'] } : {};
  if (config().pretrain === undefined) return given;
  const texts = await pretrainingTexts(run, config);
  const { samples, features, classes, featurizer } = featurized;
  const { outputs } = await run('pretrain', () => ({
    stage: 'pretrain',
    summary: `pretrain ${config().model.name}: guess masked tokens`,
    seed: config().seed,
    params: { model: withoutOrigin(config().model), ...engineOf(config()), pretrain: config().pretrain },
    inputs: {
      samples: samples!,
      features: features!,
      classes: classes!,
      featurizer: featurizer!,
      ...texts,
      ...given,
    },
    onDevice: true,
  }));
  return { pretrained: outputs['pretrained']! };
}

async function pretrainingTexts(run: RunOne, config: () => RunConfig): Promise<Artifacts> {
  if (config().pretrain?.source === undefined) return {};
  const { outputs } = await run('pretrainTexts', () => ({
    stage: 'pretrainTexts',
    summary: `read text of ${String(config().pretrain!.source)}`,
    seed: config().seed,
    params: { source: [config().pretrain!.source!].flat(), column: config().pretrain!.column },
    inputs: {},
    fresh: true,
  }));
  return { texts: outputs['texts']! };
}

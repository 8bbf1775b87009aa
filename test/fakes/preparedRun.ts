import { clean } from '../../activities/clean.js';
import { featurize } from '../../activities/featurize.js';
import { ingest } from '../../activities/ingest.js';
import type { RunConfig } from '../../config/runConfig.js';
import type { StageContext } from '../../contracts/store.js';
import type { Ground } from '../../workflows/pipeline.js';
import { fakeStageContext } from './stageContext.js';

/** From a table in memory (`toy.csv`) to samples and features, by the real stages, in memory. */
export async function preparedRun(
  csv: string,
  config: RunConfig,
): Promise<Pick<Ground, 'prepared' | 'dataset'> & { readonly context: StageContext }> {
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = fakeStageContext({ 'toy.csv': csv }, { checkpoints });
  const job = { path: 'x', seed: config.seed };
  const { dataset } = config;
  const read = await ingest.run({ ...job, params: { dataset }, inputs: {} }, context);
  const cleaned = await clean.run(
    { ...job, params: { dataset, clean: config.clean }, inputs: read.outputs },
    context,
  );
  const table = cleaned.outputs['dataset']!;
  const params = {
    task: config.task,
    columns: dataset.columns,
    features: config.features,
    nearDuplicates: config.clean.nearDuplicates,
    input: 'sparse' as const,
    tokenizer: 'words' as const,
  };
  const made = await featurize.run({ ...job, params, inputs: { dataset: table } }, context);
  const { samples, features, classes } = made.outputs;
  return { context, dataset: table, prepared: { samples: samples!, features: features!, classes: classes! } };
}

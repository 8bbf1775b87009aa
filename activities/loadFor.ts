import type { Loss, Model } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { modelByName } from '../models/index.js';
import { featureBlocks } from './featureBlocks.js';
import { loadPrepared, loadSamples, only } from './prepared.js';

/**
 * Samples and features for a model to learn from or to predict: as blocks on disk where there are more than it wants in memory.
 *
 * @param loss what it minimises; only cross entropy looks at one row at a time
 */
export async function loadFor(
  { name, ...params }: { readonly name: string },
  loss: Loss['kind'],
  inputs: Artifacts,
  context: StageContext,
): Promise<PreparedSamples> {
  const model: Model = modelByName(name);
  const features = only(inputs, 'features');
  const isPlain = loss === 'crossEntropy' && !inputs['augmented'];
  if (!isPlain || !model.takesBlocks?.(model.paramsSchema.parse(params), features.rows)) {
    return loadPrepared(inputs, context);
  }
  const samples = await loadSamples(inputs, context);
  const matrix = await context.memo(`blocks/${features.sha256}`, () =>
    context.spoolMatrix(featureBlocks(context, features, samples.ids.length)),
  );
  return { ...samples, input: { kind: 'blocks', matrix } };
}

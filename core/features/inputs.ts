import { DataError } from '../../contracts/errors.js';
import type { ModelInput } from '../../contracts/model.js';
import type { Columns, FeaturesConfig } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { fitFeaturizer, newFeaturizer, transform, type Featurizer } from './featurizer.js';
import { fitSequences, SEQUENCE, sequenceTransformer, type SequencePlan } from './sequence.js';

/** What a model wants to be fed. */
export interface InputPlan extends SequencePlan {
  readonly input: ModelInput['kind'];
}

/**
 * Learns the features that a model is fed. Give it training rows only.
 *
 * @throws DataError where the model reads text and there is no text column
 */
export function fitInputs(
  batches: readonly ColumnBatch[],
  columns: Columns,
  config: FeaturesConfig,
  plan: InputPlan,
): Featurizer {
  if (plan.input === 'sparse' || plan.input === 'dense') return fitFeaturizer(batches, columns, config);
  if (columns.text.length === 0) {
    throw new DataError('the model reads text: name its column under dataset.columns.text');
  }
  return newFeaturizer([fitSequences(batches, columns.text, config, plan)]);
}

const transformers = new WeakMap<Featurizer, (batch: ColumnBatch) => ModelInput>();

/** What a model is fed of these rows, in row order. */
export function makeInput(featurizer: Featurizer, batch: ColumnBatch): ModelInput {
  let make = transformers.get(featurizer);
  if (!make) {
    const [block] = featurizer.blocks;
    make =
      block?.kind === SEQUENCE
        ? sequenceTransformer(block)
        : (rows) => ({ kind: 'sparse', matrix: transform(featurizer, rows) });
    transformers.set(featurizer, make);
  }
  return make(batch);
}

import type { ArtifactRef } from '../contracts/artifact.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { FEATURIZER_COLUMNS, featurizerBatches, featurizerFromBatches } from '../core/features/store.js';

/** Stores a featurizer as a table. */
export const writeFeaturizer = (artifacts: ArtifactStore, featurizer: Featurizer): Promise<ArtifactRef> =>
  artifacts.writeTable('featurizer', FEATURIZER_COLUMNS, featurizerBatches(featurizer));

/** Reads what {@link writeFeaturizer} stored. */
export async function readFeaturizer(artifacts: ArtifactStore, ref: ArtifactRef): Promise<Featurizer> {
  const batches: ColumnBatch[] = [];
  for await (const batch of artifacts.readTable(ref)) batches.push(batch);
  return featurizerFromBatches(batches);
}

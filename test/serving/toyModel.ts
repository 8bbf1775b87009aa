import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ModelRegistry, ModelVersion, Treatment } from '../../contracts/registry.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { Columns } from '../../contracts/settings.js';
import type { ArtifactStore } from '../../contracts/store.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { fitFeaturizer, transform } from '../../core/features/featurizer.js';
import { FEATURIZER_COLUMNS, featurizerBatches } from '../../core/features/store.js';
import { linear } from '../../models/linear.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openFileStore } from '../../storage/file.js';
import { openRegistry } from '../../storage/registry.js';
import { fakeRef, modelDraft } from '../fakes/modelDraft.js';
import { temporaryFolder } from '../storage/workspace.js';

export const TOY_COLUMNS = Columns.parse({ id: 'id', target: 'label', text: ['title'], numeric: ['price'] });

/** Red things are cheap fruit, grey ones expensive tools. */
const ROWS: readonly (readonly [title: string, price: number, label: string])[] = [
  ['red apple', 1, 'fruit'],
  ['red cherry sweet', 2, 'fruit'],
  ['sweet pear', 1, 'fruit'],
  ['red plum', 3, 'fruit'],
  ['grey hammer', 20, 'tool'],
  ['steel hammer heavy', 30, 'tool'],
  ['grey saw', 25, 'tool'],
  ['heavy drill', 60, 'tool'],
];

const trainingBatch: ColumnBatch = {
  rows: ROWS.length,
  columns: { title: ROWS.map(([title]) => title), price: Float64Array.from(ROWS, ([, price]) => price) },
};

export interface ToyRegistry {
  readonly artifacts: ArtifactStore;
  readonly registry: ModelRegistry;
  /** Trains and registers another version; a larger C is a surer model. */
  add(C: number, more?: { readonly name?: string; readonly treatment?: Treatment }): Promise<ModelVersion>;
}

/** A real store with real linear models over two columns. */
export async function toyRegistry(t: Pick<TestContext, 'after'>): Promise<ToyRegistry> {
  const folder = await temporaryFolder(t as TestContext);
  const store = await openFileStore(join(folder, 'store'));
  const artifacts = openArtifacts(store, { scratchDirectory: join(folder, 'scratch') });
  const registry = openRegistry(store);
  const features = FeaturesConfig.parse({ words: { ngrams: [1, 1], minDocumentFrequency: 1 } });
  const featurizer = fitFeaturizer([trainingBatch], TOY_COLUMNS, features);
  const classes = ['fruit', 'tool'];
  const shared = {
    featurizer: await artifacts.writeTable('featurizer', FEATURIZER_COLUMNS, featurizerBatches(featurizer)),
    classes: await artifacts.writeTable(
      'classes',
      [
        { name: 'code', type: 'int32' },
        { name: 'name', type: 'utf8' },
      ],
      [{ rows: 2, columns: { code: Int32Array.of(0, 1), name: classes } }],
    ),
    card: await artifacts.writeBlob('card', Buffer.from('## Intended use\n'), 'text/markdown'),
  };
  return {
    artifacts,
    registry,
    async add(C, { name = 'toy', treatment = { clip: [], fill: [] } } = {}) {
      const fitted = await linear.fit(
        {
          input: { kind: 'sparse', matrix: transform(featurizer, trainingBatch) },
          targets: Int32Array.from(ROWS, ([, , label]) => classes.indexOf(label)),
          outputs: 2,
          sampleWeights: new Float64Array(ROWS.length).fill(1),
        },
        linear.paramsSchema.parse({ C }),
        { seed: 1 },
      );
      const weights = await artifacts.writeModel(fitted.tensors());
      const kept = { dataset: fakeRef('dataset', 'e'), samples: fakeRef('samples', 'b') };
      return registry.register(
        modelDraft('a', {
          ...{ name, treatment, columns: TOY_COLUMNS, model: { name: 'linear', C } },
          artifacts: { weights, ...shared, ...kept },
        }),
      );
    },
  };
}

/** Makes a version champion. */
export const promote = (registry: ModelRegistry, version: number, name = 'toy') =>
  registry.move({ name, alias: 'champion', version, action: 'promote', by: 'test', why: 'test' });

/** The served side of `npm run bench -- serving`: trains two versions of a linear model, serves them, promotes when told. */
import { join } from 'node:path';
import type { ModelVersion } from '../contracts/registry.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import { Columns } from '../contracts/settings.js';
import type { ColumnBatch } from '../contracts/table.js';
import { fitFeaturizer, transform } from '../core/features/featurizer.js';
import { FEATURIZER_COLUMNS, featurizerBatches } from '../core/features/store.js';
import { seeded } from '../core/random.js';
import { linear } from '../models/linear.js';
import { apiKeys } from '../serving/apiKeys.js';
import { createServer } from '../serving/http.js';
import { LiveModel } from '../serving/liveModel.js';
import { loadServedModel } from '../serving/servedModel.js';
import { ServeMetrics } from '../serving/serveMetrics.js';
import { rateLimit } from '../serving/tokenBucket.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openFileStore } from '../storage/file.js';
import { openRegistry } from '../storage/registry.js';

export type FromServingChild =
  | { readonly type: 'ready'; readonly address: string; readonly row: Record<string, string | number> }
  | { readonly type: 'used'; readonly cpuSeconds: number }
  | { readonly type: 'promoted'; readonly swaps: number };

const ROWS = 4_000;
const CLASSES = 20;
const WORDS = 20_000;
const PAUSE_MS = 80; // between promotions

const folder = process.argv[2]!;
const store = await openFileStore(join(folder, 'store'));
const artifacts = openArtifacts(store, { scratchDirectory: join(folder, 'scratch') });
const registry = openRegistry(store);
const columns = Columns.parse({ target: 'label', text: ['title'], numeric: ['price'] });
const random = seeded(1, 'bench.serving');
const titleOf = (label: number): string =>
  Array.from(
    { length: 12 },
    () =>
      `w${(random.below(WORDS / CLASSES) * CLASSES + (random.next() < 0.5 ? label : random.below(CLASSES))) % WORDS}`,
  ).join(' ');
const labels = Int32Array.from({ length: ROWS }, () => random.below(CLASSES));
const batch: ColumnBatch = {
  rows: ROWS,
  columns: {
    title: Array.from(labels, titleOf),
    price: Float64Array.from(labels, () => random.next() * 100),
  },
};
const featurizer = fitFeaturizer([batch], columns, FeaturesConfig.parse({}));
const versions = [await version(1), await version(4)];
const move = (number: number) =>
  registry.move({
    name: 'bench',
    alias: 'champion',
    version: number,
    action: 'promote',
    by: 'bench',
    why: 'bench',
  });
await move(1);
const live = await LiveModel.open({
  ...{ registry, tell: () => undefined },
  load: (one) => loadServedModel(one, { artifacts, engine: () => Promise.reject(new Error('no engine')) }),
  followed: [{ version: versions[0]!, alias: 'champion', weight: 1 }],
});
const app = createServer({
  answerer: () => live.current,
  swaps: () => live.swaps,
  ...{
    otherColumns: new Set(),
    keys: apiKeys(undefined, undefined),
    limit: rateLimit(0),
    metrics: new ServeMetrics(),
  },
  ...{ bodyLimitBytes: 1 << 20, requestTimeoutMs: 10_000, mostRows: 1000, nowMs: () => performance.now() },
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
const tell = (message: FromServingChild): void => void process.send?.(message);
process.on('disconnect', () => process.exit(0));
process.on('message', (asked: 'used' | { readonly promote: number }) => {
  if (asked !== 'used') return void promote(asked.promote);
  const { user, system } = process.cpuUsage();
  tell({ type: 'used', cpuSeconds: (user + system) / 1e6 });
});
tell({ type: 'ready', address, row: { title: titleOf(3), price: 12 } });

async function promote(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await move(2 - (i % 2));
    await live.refresh();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  tell({ type: 'promoted', swaps: live.swaps });
}

async function version(C: number): Promise<ModelVersion> {
  const fitted = await linear.fit(
    {
      ...{
        input: { kind: 'sparse', matrix: transform(featurizer, batch) },
        targets: labels,
        outputs: CLASSES,
      },
      sampleWeights: new Float64Array(ROWS).fill(1),
    },
    linear.paramsSchema.parse({ C, tolerance: 0.1 }),
    { seed: 1 },
  );
  const names = Array.from({ length: CLASSES }, (_, k) => `class ${k}`);
  const blob = await artifacts.writeBlob('card', Buffer.from('bench'), 'text/markdown');
  return registry.register({
    ...{
      name: 'bench',
      runId: 'bench',
      task: 'classification',
      seed: 1,
      engine: 'auto',
      policy: 'uniform',
      columns,
    },
    model: { name: 'linear', C },
    treatment: { clip: [], fill: [] },
    artifacts: {
      weights: await artifacts.writeModel(fitted.tensors()),
      featurizer: await artifacts.writeTable('featurizer', FEATURIZER_COLUMNS, featurizerBatches(featurizer)),
      classes: await artifacts.writeTable(
        'classes',
        [
          { name: 'code', type: 'int32' },
          { name: 'name', type: 'utf8' },
        ],
        [{ rows: CLASSES, columns: { code: Int32Array.from(names.keys()), name: names } }],
      ),
      ...{ card: blob, dataset: blob, samples: blob },
    },
    ...{ config: {}, metrics: {}, metric: null, gate: null, stages: [] },
  });
}

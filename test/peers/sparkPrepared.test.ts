import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import { featurize } from '../../activities/featurize.js';
import { ingest } from '../../activities/ingest.js';
import { profile } from '../../activities/profile.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import { CHAMPION } from '../../contracts/registry.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { DatasetConfig } from '../../contracts/settings.js';
import type { StageContext } from '../../contracts/store.js';
import { seeded } from '../../core/random.js';
import { findSpark } from '../../infra/spark/find.js';
import { createStageContexts } from '../../storage/context.js';
import { openStore } from '../../storage/open.js';
import { outcome } from '../activities/bothWays.js';
import { csv } from '../activities/tableStages.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { fakeStageContext, noPieces } from '../fakes/stageContext.js';
import { pythonWithSpark, skipSpark, useSpark } from './sparkHome.js';

const ROWS = 2000;
const WORDS = [
  ...[
    'oak',
    'Oak',
    'TABLE',
    'rug',
    'ΟΔΟΣ',
    'İzmir',
    'straße',
    '椅子',
    '木の机',
    'โต๊ะไม้',
    'कुर्सी',
    'e\u0301tage',
    '№5',
  ],
  ...[
    '😀',
    '❤️',
    '👍🏽',
    '🇩🇪',
    '👩‍🚀',
    '👩‍👩',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '🐶‍🚀',
    '1️⃣',
    '\uff21',
    '\u{1f600}x',
    "it's",
    'a\\b',
    '',
    '  ',
  ],
];
const dataset = DatasetConfig.parse({
  source: 't.csv',
  columns: {
    ...{ id: 'key', target: 'label', split: 'side' },
    ...{ text: ['name', 'more'], attributes: ['list'], numeric: ['price', 'stars'], categorical: ['shop'] },
  },
  split: { by: 'column' },
  maxUnreadable: 0.9,
});

/** @param first of the words that texts are made of */
function table(seed: number, first: number): string {
  const random = seeded(seed, 'prepared');
  const one = (from: readonly string[]): string => from[random.below(from.length)]!;
  const text = (): string =>
    Array.from({ length: random.below(5) }, () => one(WORDS.slice(first)) || `w${random.below(300)}`).join(
      ' ',
    );
  const lines = Array.from({ length: ROWS }, (_, i) =>
    [
      ...[
        `k${i}`,
        text(),
        text(),
        one(['x', 'y']),
        one(['1', '2.5', '-7', '1e21', '', '0']),
        String(random.below(500)),
      ],
      ...[
        one(['s', 't', '', '(missing)', `u${random.below(90)}`]),
        `Colour: ${one(WORDS)}; size: ${random.below(9)}|${one(WORDS)}`,
      ],
      one(['train', 'train', 'train', 'validation', 'test']),
    ]
      .map((cell) => `"${cell}"`)
      .join(','),
  );
  return csv('key,name,more,label,price,stars,shop,list,side', ...lines);
}

describe('what is counted of rows, on Spark', { skip: skipSpark, timeout: 1_800_000 }, () => {
  let folder: string;
  let contextOf: ReturnType<typeof createStageContexts>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-spark-test-'));
    await useSpark(await pythonWithSpark(join(folder, 'python')));
    const store = await openStore(join(folder, 'store'));
    contextOf = createStageContexts(store, {
      scratchDirectory: join(folder, 'scratch'),
      findSpark: () => findSpark(process.env),
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function contexts(): { here: StageContext; spark: StageContext } {
    const hooks = { signal: new AbortController().signal, progress: () => undefined };
    const dataEngine = { name: 'spark', master: 'local[2]', partitions: 4 } as const;
    return {
      here: contextOf('0'.repeat(64), hooks),
      spark: contextOf('0'.repeat(64), { ...hooks, dataEngine }),
    };
  }

  async function ingested(text: string): Promise<ArtifactRef> {
    const context = {
      ...contexts().here,
      sources: fakeStageContext({ 't.csv': text }).sources,
      pieces: noPieces,
    };
    const { outputs } = await ingest.run(
      { path: 'ingest', seed: 42, params: { dataset }, inputs: {} },
      context,
    );
    return outputs['dataset']![0]!;
  }

  it('profiles to the same bytes, against a champion too', async () => {
    const { here, spark } = contexts();
    const draft = modelDraft();
    const artifacts = { ...draft.artifacts, dataset: await ingested(table(1, 0)) };
    const { name, version } = await here.registry.register({ ...draft, artifacts });
    await here.registry.move({ name, alias: CHAMPION, version, action: 'promote', by: 'test', why: 'first' });
    const inputs = { dataset: [await ingested(table(2, 3))] };
    const params = { columns: dataset.columns, model: name };
    const run = (context: StageContext) =>
      profile.run({ path: 'profile', seed: 42, params, inputs }, context);
    const wanted = await outcome(() => run(here));
    assert.notEqual(typeof wanted, 'string', String(wanted));
    assert.deepEqual(await outcome(() => run(spark)), wanted);
  });

  const features: readonly (readonly [what: string, config: z.input<typeof FeaturesConfig>])[] = [
    [
      'words and characters, the most frequent ones',
      {
        words: { ngrams: [1, 2], minDocumentFrequency: 2, maxFeatures: 40 },
        characters: { ngrams: [1, 3], minDocumentFrequency: 3 },
        ...{ script: 'words', attributes: { minDocumentFrequency: 2 }, categorical: { minFrequency: 2 } },
      },
    ],
    ['words read by characters', { words: { ngrams: [1, 2], maxFeatures: 300 }, script: 'characters' }],
  ];
  for (const [what, config] of features) {
    it(`counts terms to the same bytes: ${what}`, async () => {
      const { here, spark } = contexts();
      const params = featurize.paramsSchema.parse({
        ...{ task: 'classification', columns: dataset.columns, features: FeaturesConfig.parse(config) },
        nearDuplicates: { enabled: false, threshold: 0.8 },
      });
      const inputs = { dataset: [await ingested(table(3, 0))] };
      const run = (context: StageContext) =>
        featurize.run({ path: 'featurize', seed: 42, params, inputs }, context);
      const wanted = await outcome(() => run(here));
      assert.notEqual(typeof wanted, 'string', String(wanted));
      assert.deepEqual(await outcome(() => run(spark)), wanted);
    });
  }
});

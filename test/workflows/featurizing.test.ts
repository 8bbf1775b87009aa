import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunConfig } from '../../config/runConfig.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { Artifacts, Figures, StageResult } from '../../contracts/stage.js';
import { featurizeRows } from '../../workflows/featurizing.js';
import type { Shard } from '../../workflows/shards.js';
import { toyConfig } from '../fakes/toyRun.js';

const ref = (kind: 'dataset' | 'features' | 'featurizer', name: string, rows = 0) => ({
  ...{ kind, key: `artifacts/${kind}/${name}.json`, sha256: name.repeat(64), rows },
});
const resultOf = (outputs: Artifacts, figures: Figures = {}): StageResult => ({
  ...{ outputs, figures, stageKey: '0'.repeat(64), cached: false },
});

interface Case {
  readonly rows: number;
  readonly config?: RunConfig;
  /** What learnFeatures says. */
  readonly shares?: number;
  readonly isAllowed?: boolean;
  /** Settings that an operator gives at featurize. */
  readonly later?: RunConfig;
}

const inShares = (rowsPerShare: number, more: object = {}): RunConfig =>
  toyConfig('toy.csv', { features: FeaturesConfig.parse({ rowsPerShare, ...more }) });

/** What is asked of workers, in its order. */
async function asked({ rows, config = inShares(100), shares = 3, isAllowed = true, later }: Case) {
  const all: (Omit<Shard, 'path'> & { readonly path: string })[] = [];
  let given = config;
  const answer = ({ path, stage }: { readonly path: string; readonly stage: string }): StageResult =>
    stage === 'learnFeatures'
      ? resultOf({ featurizer: [ref('featurizer', 'f')] }, { shares, rowsPerShare: 100 })
      : resultOf({ features: [ref('features', path.at(-1)!)] });
  const runner = {
    run: (_: string, shardsOf: () => readonly Shard[]): Promise<StageResult[]> => {
      all.push(...shardsOf());
      return Promise.resolve(shardsOf().map(answer));
    },
    show: () => undefined,
  };
  const clean = resultOf({ dataset: [ref('dataset', 'd', rows)] });
  await featurizeRows(
    { runner, sharesFeatures: () => isAllowed },
    (path, shard) => {
      if (path === 'featurize') given = later ?? given;
      all.push({ path, ...shard() });
      return Promise.resolve(answer({ path, stage: shard().stage }));
    },
    { config: () => given, traits: { strengths: [] }, clean, known: undefined, imported: {} },
  );
  return all;
}

const pathsOf = (all: readonly { readonly path: string }[]): string[] => all.map(({ path }) => path);

describe('features of a large table', () => {
  it('are learned, made share by share, and put together', async () => {
    const all = await asked({ rows: 250 });
    const shares = ['applyFeatures.0', 'applyFeatures.1', 'applyFeatures.2'];
    assert.deepEqual(pathsOf(all), ['learnFeatures', ...shares, 'featurize']);
    const ranges = all.slice(1, 4).map(({ params }) => params);
    assert.deepEqual(ranges, [
      { from: 0, to: 100 },
      { from: 100, to: 200 },
      { from: 200, to: 250 },
    ]);
    const { features, featurizer } = all.at(-1)!.inputs;
    assert.deepEqual(
      features?.map(({ sha256 }) => sha256[0]),
      ['0', '1', '2'],
    );
    assert.deepEqual(featurizer, all[1]!.inputs['featurizer']);
  });

  it('are learned, and nothing but learned, on the engine that the run names', async () => {
    const all = await asked({ rows: 250, config: { ...inShares(100), dataEngine: 'spark' } });
    const engines = all.map(({ path, dataEngine }) => [path.split('.')[0], dataEngine]);
    assert.deepEqual(engines[0], ['learnFeatures', 'spark']);
    assert.deepEqual(engines[1], ['applyFeatures', undefined]);
  });

  it('are learned from what decides them alone: another search for copies learns nothing anew', async () => {
    const other: RunConfig = toyConfig('toy.csv', {
      ...{ features: FeaturesConfig.parse({ rowsPerShare: 100 }) },
      clean: { nearDuplicates: { enabled: true, threshold: 0.7 } },
    });
    const [[learn], [learnOther]] = [
      await asked({ rows: 250 }),
      await asked({ rows: 250, config: other }),
    ] as const;
    assert.deepEqual(learnOther, learn);
    assert.equal((learn!.params as { task?: string }).task, undefined);
  });

  it('that were made with other settings than featurize is asked for are not taken', async () => {
    const later = inShares(100, { words: { ngrams: [1, 1] } });
    const { inputs, params } = (await asked({ rows: 250, later })).at(-1)!;
    assert.deepEqual(Object.keys(inputs), ['dataset']);
    assert.deepEqual((params as { features: FeaturesConfig }).features, later.features);
  });

  const old = inShares(100);
  const { rowsPerShare: _, ...before } = old.features;
  const inOne: { name: string; given: Case; paths: string[] }[] = [
    { name: 'of no more rows than a share', given: { rows: 100 }, paths: ['featurize'] },
    { name: 'by default', given: { rows: 1_048_576, config: toyConfig('toy.csv') }, paths: ['featurize'] },
    { name: 'of a run of before', given: { rows: 250, isAllowed: false }, paths: ['featurize'] },
    {
      name: 'of a run without the setting',
      given: { rows: 1e9, config: { ...old, features: before as FeaturesConfig } },
      paths: ['featurize'],
    },
    {
      name: 'that need all rows at once',
      given: { rows: 250, shares: 0 },
      paths: ['learnFeatures', 'featurize'],
    },
  ];
  for (const { name, given, paths } of inOne) {
    it(`are made at once, those ${name}`, async () => {
      const all = await asked(given);
      assert.deepEqual(pathsOf(all), paths);
      assert.deepEqual(Object.keys(all.at(-1)!.inputs), ['dataset']);
    });
  }
});

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { planRetry, type PlanCache, type PlannedShard } from '../../cli/retryPlan.js';
import { planLines } from '../../cli/retryPlanText.js';
import { openTerminal } from '../../cli/terminal.js';
import type { RunConfig } from '../../config/runConfig.js';
import type { RunLineage } from '../../contracts/run.js';
import type { CacheEntry } from '../../contracts/stage.js';
import { canonicalJson, sha256 } from '../../storage/hash.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState, runLineage } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { QUICK, toyConfig, toyCsv } from '../fakes/toyRun.js';

const traits = { strengths: [1] };
const config: RunConfig = toyConfig('toy.csv', {
  ...{ ...QUICK, importance: { folds: 2, refinements: 0 } },
  register: { enabled: false },
});

/** What keys are made of, beside what is asked. */
interface World {
  readonly code: (stage: string) => string;
  readonly engine: string;
}
const TODAY: World = { code: () => 'c1', engine: 'wasm' };

type Asked = Pick<CacheEntry, 'stage' | 'seed' | 'inputs' | 'params'>;
const keyIn = ({ code, engine }: World, { stage, seed, inputs, params }: Asked): string => {
  const hashes = Object.entries(inputs).map(([name, refs]) => [name, refs.map((ref) => ref.sha256)]);
  return sha256(canonicalJson({ stage, seed, params, hashes, code: code(stage), engine }));
};

/** Stands for the store: entries of stages by key, in a world that may be another one than theirs. */
function fakeCache(
  entries: readonly CacheEntry[],
  world: World = TODAY,
  lost: readonly string[] = [],
): PlanCache {
  const find = (stageKey: string): CacheEntry | undefined => entries.find((one) => one.stageKey === stageKey);
  return {
    key: ({ stage, seed, inputs }, _, params) => ({
      stageKey: keyIn(world, { stage, seed, inputs, params: params as CacheEntry['params'] }),
      codeVersion: world.code(stage),
    }),
    lookup: (stage, key) => Promise.resolve(lost.includes(stage) ? undefined : find(key)),
    entry: (_, key) => Promise.resolve(find(key)),
  };
}

/** Plays a run in this process. @returns what it would tell of itself, and what the cache has of it */
async function played(played: RunConfig): Promise<{ lineage: RunLineage; entries: CacheEntry[] }> {
  const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = { ...fakeStageContext({ 'toy.csv': toyCsv(240, 0.2) }), checkpoints: noCheckpoints };
  const state = newRunState(played);
  const made = new Map<string, CacheEntry>(); // by the key that the fake runner gives
  const { runner } = inProcessRunner(
    () => context,
    state.done,
    (entry) => {
      made.set(entry.stageKey, { ...entry, codeVersion: 'c1', stageKey: keyIn(TODAY, entry) });
      return Promise.resolve();
    },
  );
  const host = { runId: 'train/toy/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  await trainingJob(state, traits, { ...host, sharesFeatures: () => true });
  const { shards, ...run } = runLineage(state, 'train/toy/1');
  const inToday = shards.map((shard) => ({ ...shard, ...made.get(shard.stageKey) }));
  const lineage = {
    ...run,
    shards: inToday.map(({ path, stage, stageKey, outputs, figures }) => ({
      ...{ path, stage, stageKey, outputs, figures, cached: false },
    })),
  };
  return { lineage, entries: [...made.values()] };
}

describe('the dry run of a successor', () => {
  let lineage: RunLineage;
  const entries: CacheEntry[] = [];
  before(async () => {
    const run = await played(config);
    lineage = run.lineage;
    entries.push(...run.entries);
  });

  const planned = async (cache: PlanCache, from = 'report'): Promise<Map<string, PlannedShard>> => {
    const { stages } = await planRetry({ lineage, config, traits, cache, from });
    return new Map(stages.flatMap(({ shards }) => shards.map((shard) => [shard.path, shard])));
  };
  const again = (found: Map<string, PlannedShard>): string[] =>
    [...found.values()].flatMap(({ path, action }) => (action === 'run' ? [path] : []));

  it('runs nothing but what reads anew, and what is asked for, where nothing has changed', async () => {
    const found = await planned(fakeCache(entries));
    assert.deepEqual(again(found), ['ingest', 'profile', 'report']);
    assert.deepEqual(found.get('ingest')?.reasons, ['always: what it reads may have changed']);
    assert.equal(found.get('ingest')?.sameBytes, true);
    assert.equal(found.get('report')?.reasons[0], 'asked for with --from report');
  });

  it('knows features that were made in shares', async () => {
    const shared = { ...config, features: { ...config.features, rowsPerShare: 100 } };
    const run = await played(shared);
    const request = { lineage: run.lineage, config: shared, traits, from: 'report' };
    const { stages } = await planRetry({ ...request, cache: fakeCache(run.entries) });
    const actions = stages.flatMap(({ shards }) => shards.map(({ path, action }) => [path, action]));
    const features = actions.filter(([path]) => /Features|^featurize/.test(path!));
    assert.deepEqual(features, [
      ['learnFeatures', 'cache'],
      ['applyFeatures.0', 'cache'],
      ['applyFeatures.1', 'cache'],
      ['applyFeatures.2', 'cache'],
      ['featurize', 'cache'],
    ]);
    assert.equal(stages.at(-1)?.path, 'report');
  });

  it('says of a stage with newer code that its code changed, and of those behind it who runs again', async () => {
    const world = { ...TODAY, code: (stage: string) => (stage === 'analyse' ? 'c2' : 'c1') };
    const found = await planned(fakeCache(entries, world));
    assert.deepEqual(again(found), ['ingest', 'profile', 'analyse', 'gate', 'report']);
    assert.deepEqual(found.get('analyse')?.reasons, ['its code changed']);
    assert.equal(found.get('analyse')?.sameBytes, false);
    assert.ok(
      found.get('gate')?.reasons.includes('input will change: analysis, its producer analyse runs again'),
    );
  });

  it('says that a result is no longer in the store, and that it would be the same', async () => {
    const found = await planned(fakeCache(entries, TODAY, ['analyse']));
    assert.deepEqual(found.get('analyse')?.reasons, ['its result is no longer in the store']);
    assert.equal(found.get('analyse')?.sameBytes, true);
  });

  it('says that another engine is what differs, where all else is the same', async () => {
    const found = await planned(fakeCache(entries, { ...TODAY, engine: 'native' }));
    assert.deepEqual(found.get('clean')?.reasons, [
      'input will change: dataset, its producer ingest runs again',
      'input will change: quarantine, its producer ingest runs again',
    ]);
    assert.ok(
      found.get('ingest')?.reasons.includes('another engine, or another version or number of threads of it'),
    );
  });

  it('says which input changed, by hash, where another one lies in its place', async () => {
    const other = 'f'.repeat(64);
    const changed = entries.map((one) =>
      one.stage === 'featurize'
        ? {
            ...one,
            outputs: {
              ...one.outputs,
              features: one.outputs['features']!.map((ref) => ({ ...ref, sha256: other })),
            },
          }
        : one,
    );
    const found = await planned(fakeCache(changed));
    const [fit] = [...found.values()].filter(
      ({ path, action }) => path.startsWith('train.') && action === 'run',
    );
    assert.match(fit?.reasons.join() ?? '', /input changed: features [0-9a-f]{8} → ffffffff/);
  });

  it('reads as lines, stage by stage', async () => {
    const world = { ...TODAY, code: (stage: string) => (stage === 'gate' ? 'c2' : 'c1') };
    const plan = await planRetry({
      lineage,
      config,
      traits,
      cache: fakeCache(entries, world),
      from: 'report',
    });
    const text = stripVTControlCharacters(planLines(plan, openTerminal({})).join('\n')); // CI has colours
    assert.match(text, /^would run again:\n/);
    assert.match(text, /gate {2}1 of 1\n\s+its code changed\n/);
    assert.match(text, /from the cache: clean, featurize/);
  });
});

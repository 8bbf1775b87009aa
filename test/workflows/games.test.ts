import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StageResult } from '../../contracts/stage.js';
import { playedGames } from '../../workflows/games.js';
import type { Ground } from '../../workflows/pipeline.js';
import type { Scoring } from '../../workflows/scoring.js';
import { LOST, type Shard } from '../../workflows/shards.js';
import { toyConfig } from '../fakes/toyRun.js';

const MOST_UNITS = 12;
const ref = (name: string) => ({
  ...{ kind: 'scores' as const, key: `artifacts/${name}.json`, sha256: 'a'.repeat(64), rows: 0 },
});
const scoring = {
  ...{ path: 'importance', shardPath: 'importance', scheme: { seed: 1, outerFolds: 2 } },
  units: [0, -1],
} as unknown as Scoring;
const groundOf = (minSuccess?: number): Ground => {
  const importance = { estimator: 'data_shapley', ...(minSuccess === undefined ? {} : { minSuccess }) };
  return { config: toyConfig('toy.csv', { importance }), prepared: {} } as unknown as Ground;
};

/** Fake of the runner and of both stages: tells who asked for what; fails the games that `fails` names. */
function fakeRunner(fails: (path: string) => boolean) {
  const asked: Shard[] = [];
  const blocked: string[][] = [];
  const result = (shard: Shard): StageResult => {
    const params = shard.params as { number?: number; played?: number; lost?: number };
    if (shard.stage === 'play')
      return {
        ...LOST,
        outputs: { tallies: params.number! < MOST_UNITS ? [ref(shard.path.toLowerCase())] : [] },
      };
    const units = params.played! + shard.inputs['tallies']!.length;
    const left = MOST_UNITS - units - (params.lost ?? 0);
    return {
      ...LOST,
      outputs: { tally: [ref('tally')] },
      figures: { units, next: Math.max(0, Math.min(4, left)) },
    };
  };
  const run = async (
    shardsOf: () => readonly Shard[],
    isEnough: (succeeded: readonly boolean[]) => boolean = (succeeded) => succeeded.every(Boolean),
  ): Promise<StageResult[] | undefined> => {
    const shards = shardsOf();
    asked.push(...shards);
    const succeeded = shards.map(({ path }) => !fails(path));
    if (!isEnough(succeeded)) {
      blocked.push(shards.filter((_, i) => !succeeded[i]).map(({ path }) => path));
      return Promise.resolve(undefined); // as where an operator skips
    }
    return Promise.resolve(shards.map((shard, i) => (succeeded[i]! ? result(shard) : LOST)));
  };
  return { run, asked, blocked };
}

const playsOf = (asked: readonly Shard[], unit: string): number[] =>
  asked.flatMap(({ stage, path, params }) =>
    stage === 'play' && path.includes(`.play.${unit}.`) ? [(params as { number: number }).number] : [],
  );
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('games of which some fail beyond retries', () => {
  it('are all needed where nothing else is said: the stage blocks with those that failed', async () => {
    const { run, blocked } = fakeRunner((path) => path.endsWith('.play.0.3'));
    assert.equal(await playedGames(run, () => groundOf(), scoring), undefined);
    assert.deepEqual(blocked, [['importance.play.0.3']]);
  });

  it('are left out where enough others are played: each number is asked once, and the budget holds', async () => {
    const { run, asked } = fakeRunner((path) => /\.play\.0\.(3|7)$/.test(path));
    const tallies = await playedGames(run, () => groundOf(0.6), scoring);
    assert.equal(tallies!.length, 2);
    assert.deepEqual(playsOf(asked, '0'), upTo(MOST_UNITS + 1).slice(0, MOST_UNITS));
    assert.deepEqual(playsOf(asked, 'full'), upTo(MOST_UNITS));
    const told = asked.filter(({ stage, path }) => stage === 'tally' && path.includes('.tally.0.'));
    assert.deepEqual(
      told.map(({ params, inputs }) => {
        const { played, lost } = params as { played: number; lost?: number };
        return [played, lost, inputs['tallies']!.length];
      }),
      [
        [0, 1, 4],
        [4, 2, 3],
        [7, 2, 3],
      ],
    );
  });

  it('block where too many of one unit fail, however well the other does', async () => {
    const { run, blocked } = fakeRunner((path) => /\.play\.full\.[0-2]$/.test(path));
    assert.equal(await playedGames(run, () => groundOf(0.6), scoring), undefined);
    assert.deepEqual(blocked, [[0, 1, 2].map((number) => `importance.play.full.${number}`)]);
  });

  it('block where all of a unit fail, whatever share is asked for', async () => {
    const { run, blocked } = fakeRunner((path) => path.includes('.play.0.'));
    assert.equal(await playedGames(run, () => groundOf(0.001), scoring), undefined);
    assert.equal(blocked[0]!.length, 5);
  });

  it('are asked as ever where none fails: what a run of before was asked', async () => {
    const { run, asked } = fakeRunner(() => false);
    await playedGames(run, () => groundOf(0.5), scoring);
    const other = fakeRunner(() => false);
    await playedGames(other.run, () => groundOf(), scoring);
    assert.deepEqual(asked, other.asked);
    assert.ok(asked.every(({ params }) => !('lost' in params)));
  });
});

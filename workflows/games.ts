import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageResult } from '../contracts/stage.js';
import { type Ground, type Unit, unitName } from './pipeline.js';
import { samplesOf, type Scoring } from './scoring.js';
import type { Shard } from './shards.js';

/** Units of a game in its first round; each round says itself how many the next one has. */
const FIRST_ROUND = 5;

/** Where the game over one unit's training rows stands. */
interface Standing {
  readonly unit: Unit;
  readonly played: number; // units of work that the tally is made of
  readonly lost: number; // that failed, and were left out
  readonly next: number; // units of the next round; 0: values are known well enough, or the budget is spent
  readonly tally: readonly ArtifactRef[];
}

/** Runs shards; these may be told how many are enough. */
type RunGames = (
  shards: () => readonly Shard[],
  isEnough?: (succeeded: readonly boolean[]) => boolean,
) => Promise<StageResult[] | undefined>;

/**
 * Plays the estimator's game over every unit in rounds: a shard a unit of work, then one that adds the round up and
 * says how many more are worth playing. Undefined when an operator skipped it.
 *
 * @returns the tally of each unit
 */
export async function playedGames(
  run: RunGames,
  ground: () => Ground,
  scoring: Scoring,
): Promise<(readonly ArtifactRef[])[] | undefined> {
  let standings = scoring.units.map((unit): Standing => ({
    unit,
    played: 0,
    lost: 0,
    next: FIRST_ROUND,
    tally: [],
  }));
  for (;;) {
    const open = standings.filter(({ next }) => next > 0);
    if (open.length === 0) return standings.map(({ tally }) => tally);
    const played = await run(
      () => open.flatMap((one) => playShards(scoring, ground(), one)),
      (succeeded) => byStanding(open, succeeded).every((own) => isEnough(own, minSuccessOf(ground()))),
    );
    if (!played) return undefined;
    const rounds = byStanding(open, played).map((own) => ({
      tallies: own.flatMap(({ outputs }) => outputs['tallies'] ?? []),
      lost: own.filter(({ outputs }) => !outputs['tallies']).length,
    }));
    const told = await run(() => open.map((one, at) => tallyShard(scoring, ground(), one, rounds[at]!)));
    if (!told) return undefined;
    standings = standings.map((one) => {
      const at = open.indexOf(one);
      if (at < 0) return one;
      const { figures, outputs } = told[at]!;
      const [units, next] = [Number(figures['units']), Number(figures['next'])];
      const lost = one.lost + rounds[at]!.lost;
      return { unit: one.unit, played: units, lost, next, tally: outputs['tally']! };
    });
  }
}

/** What belongs to each unit of a round, of what was got for all its shards. */
function byStanding<T>(open: readonly Standing[], results: readonly T[]): T[][] {
  let from = 0;
  return open.map(({ next }) => results.slice(from, (from += next)));
}

const isEnough = (succeeded: readonly boolean[], share: number): boolean =>
  succeeded.includes(true) && succeeded.filter(Boolean).length >= share * succeeded.length;

/** Runs that began before there was such a setting have none. */
const minSuccessOf = ({ config }: Ground): number =>
  (config.importance as Partial<typeof config.importance>).minSuccess ?? 1;

const gameParams = ({ scheme }: Scoring, { config }: Ground, unit: Unit) => ({
  estimator: { name: config.importance.estimator, params: config.importance.params },
  scheme: { ...scheme },
  unit,
  innerFolds: config.importance.folds,
});

const playShards = (scoring: Scoring, ground: Ground, { unit, played, lost, next }: Standing): Shard[] =>
  Array.from({ length: next }, (_, i) => {
    const number = played + lost + i;
    return {
      path: `${scoring.shardPath}.play.${unitName(unit)}.${number}`,
      stage: 'play',
      summary: `${ground.config.importance.estimator}: unit ${unitName(unit)}, game ${number + 1}`,
      seed: ground.config.seed,
      params: { ...gameParams(scoring, ground, unit), number },
      inputs: samplesOf(ground.prepared),
    };
  });

const tallyShard = (
  scoring: Scoring,
  ground: Ground,
  { unit, played, lost, tally }: Standing,
  round: { readonly tallies: readonly ArtifactRef[]; readonly lost: number },
): Shard => ({
  path: `${scoring.shardPath}.tally.${unitName(unit)}.${played + lost}`,
  stage: 'tally',
  summary: `${ground.config.importance.estimator}: how well values are known: unit ${unitName(unit)}`,
  seed: ground.config.seed,
  params: {
    ...gameParams(scoring, ground, unit),
    played,
    ...(lost + round.lost > 0 ? { lost: lost + round.lost } : {}),
  },
  inputs: { tallies: [...round.tallies], ...(tally.length > 0 ? { before: [...tally] } : {}) },
});

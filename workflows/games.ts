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
  readonly played: number;
  readonly next: number; // units of the next round; 0: values are known well enough, or the budget is spent
  readonly tally: readonly ArtifactRef[];
}

/**
 * Plays the estimator's game over every unit in rounds: a shard a unit of work, then one that adds the round up and
 * says how many more are worth playing. Undefined when an operator skipped it.
 *
 * @returns the tally of each unit
 */
export async function playedGames(
  run: (shards: () => readonly Shard[]) => Promise<StageResult[] | undefined>,
  ground: () => Ground,
  scoring: Scoring,
): Promise<(readonly ArtifactRef[])[] | undefined> {
  let standings = scoring.units.map((unit): Standing => ({ unit, played: 0, next: FIRST_ROUND, tally: [] }));
  for (;;) {
    const open = standings.filter(({ next }) => next > 0);
    if (open.length === 0) return standings.map(({ tally }) => tally);
    const played = await run(() => open.flatMap((one) => playShards(scoring, ground(), one)));
    if (!played) return undefined;
    const rounds = new Map(
      open.map((one, at) => {
        const from = open.slice(0, at).reduce((sum, { next }) => sum + next, 0);
        return [one, played.slice(from, from + one.next).flatMap(({ outputs }) => outputs['tallies']!)];
      }),
    );
    const told = await run(() => open.map((one) => tallyShard(scoring, ground(), one, rounds.get(one)!)));
    if (!told) return undefined;
    standings = standings.map((one) => {
      const at = open.indexOf(one);
      if (at < 0) return one;
      const { figures, outputs } = told[at]!;
      const [units, next] = [Number(figures['units']), Number(figures['next'])];
      return { unit: one.unit, played: units, next, tally: outputs['tally']! };
    });
  }
}

const gameParams = ({ scheme }: Scoring, { config }: Ground, unit: Unit) => ({
  estimator: { name: config.importance.estimator, params: config.importance.params },
  scheme: { ...scheme },
  unit,
  innerFolds: config.importance.folds,
});

const playShards = (scoring: Scoring, ground: Ground, { unit, played, next }: Standing): Shard[] =>
  Array.from({ length: next }, (_, i) => ({
    path: `${scoring.shardPath}.play.${unitName(unit)}.${played + i}`,
    stage: 'play',
    summary: `${ground.config.importance.estimator}: unit ${unitName(unit)}, game ${played + i + 1}`,
    seed: ground.config.seed,
    params: { ...gameParams(scoring, ground, unit), number: played + i },
    inputs: samplesOf(ground.prepared),
  }));

const tallyShard = (
  scoring: Scoring,
  ground: Ground,
  { unit, played, tally }: Standing,
  tallies: readonly ArtifactRef[],
): Shard => ({
  path: `${scoring.shardPath}.tally.${unitName(unit)}.${played}`,
  stage: 'tally',
  summary: `${ground.config.importance.estimator}: how well values are known: unit ${unitName(unit)}`,
  seed: ground.config.seed,
  params: { ...gameParams(scoring, ground, unit), played },
  inputs: { tallies: [...tallies], ...(tally.length > 0 ? { before: [...tally] } : {}) },
});

import type { ArtifactRef } from '../contracts/artifact.js';
import type { BenchmarkConfig, BenchmarkData, NoiseSpec } from '../contracts/benchmark.js';
import type { RunOutcome } from '../contracts/run.js';
import type { StageResult } from '../contracts/stage.js';
import { stageRow, type RunState } from './progress.js';
import type { Shard } from './shards.js';
import type { StageRunner } from './stages.js';

/** What is left of a data set × noise once its trials are scored. */
export interface FinishedGroup {
  readonly trials: readonly FinishedTrial[];
  /** Shards that an operator gave up. */
  readonly missing: readonly string[];
}

interface FinishedTrial {
  readonly dataset: string;
  readonly noise: string;
  readonly seed: number;
  readonly learner: string;
  readonly outOfFoldMs: number;
  readonly descentMs: number;
  readonly cells: readonly {
    readonly estimator: string;
    readonly wallMs: number;
    readonly measures: ArtifactRef;
  }[];
}

/** A benchmark's memory: finished groups by path, in place of their shards. */
export interface BenchmarkState extends RunState<BenchmarkConfig> {
  finished: Record<string, FinishedGroup>;
}

/** What the job needs of the world: a workflow, a command, or a test's fakes. */
export interface BenchmarkHost {
  readonly runner: StageRunner;
  /** Called between data sets: a long benchmark continues as new here. */
  readonly pause: () => Promise<void>;
}

/** One data set under one noise: a trial a seed, every estimator on each. */
interface Group {
  readonly path: string; // `2dplanes.uniform:0.2`
  readonly data: BenchmarkData;
  readonly noise: NoiseSpec;
}

const noiseName = ({ kind, rate }: NoiseSpec): string => `${kind}:${rate}`;

/** Every estimator on every data set × noise × seed, then the leaderboard. */
export async function benchmarkJob(
  state: BenchmarkState,
  { runner, pause }: BenchmarkHost,
): Promise<RunOutcome> {
  const groups = state.config.data.flatMap((data) =>
    state.config.noises.map((noise): Group => ({ path: `${data.name}.${noiseName(noise)}`, data, noise })),
  );
  showPlan(state, groups);
  for (const group of groups) {
    if (state.finished[group.path]) continue;
    state.finished[group.path] = await runGroup(state, group, runner);
    forgetShards(state, group);
    await pause();
  }
  const [result] = (await runner.run('leaderboard', () => [leaderboardShard(state, groups)]))!;
  return { state: 'completed', outputs: result!.outputs, figures: result!.figures };
}

const trialsPath = ({ path }: Group): string => `trials.${path}`;
const scoresPath = ({ path }: Group): string => `scores.${path}`;

/** All rows at once, so that whoever looks sees how much there is to do. */
function showPlan(state: BenchmarkState, groups: readonly Group[]): void {
  for (const { name } of state.config.data) stageRow(state, `ingest.${name}`);
  for (const group of groups) {
    stageRow(state, trialsPath(group));
    stageRow(state, scoresPath(group));
  }
  stageRow(state, 'leaderboard');
}

async function runGroup(state: BenchmarkState, group: Group, runner: StageRunner): Promise<FinishedGroup> {
  const path = `ingest.${group.data.name}`;
  const [ingest] = (await runner.run(path, () => [ingestShard(path, group.data)]))!;
  const trialShards = (): Shard[] =>
    state.config.seeds.map((seed) => trialShard(state, group, seed, ingest!));
  await runner.run(trialsPath(group), trialShards, { skippable: true });
  const trials = doneShards(state, trialShards());
  const scoreShards = (): Shard[] =>
    trials.found.flatMap(({ shard, result }) => scoreShardsOf(state, shard, result));
  if (trials.found.length > 0) await runner.run(scoresPath(group), scoreShards, { skippable: true });
  const scores = doneShards(state, scoreShards());
  return {
    trials: trials.found.map(({ shard, result }) => ({
      dataset: group.data.name,
      noise: noiseName(group.noise),
      seed: shard.seed,
      learner: String(result.figures['learner']),
      outOfFoldMs: Number(result.figures['outOfFoldMs']),
      descentMs: Number(result.figures['descentMs']),
      cells: scores.found
        .filter((score) => score.shard.seed === shard.seed)
        .map((score) => ({
          estimator: (score.shard.params as { estimator: string }).estimator, // as made below
          wallMs: Number(score.result.figures['wallMs']),
          measures: score.result.outputs['measures']![0]!,
        })),
    })),
    missing: [...trials.missing, ...scores.missing],
  };
}

/** Shards that ended well, also where the rest of their row was given up. */
function doneShards(state: BenchmarkState, shards: readonly Shard[]) {
  const found: { shard: Shard; result: StageResult }[] = [];
  const missing: string[] = [];
  for (const shard of shards) {
    const result = state.done[shard.path]?.result;
    if (result) found.push({ shard, result });
    else missing.push(shard.path);
  }
  return { found, missing };
}

/** A finished group is not asked for again; thousands of shards would be too much to continue as new with. */
function forgetShards(state: BenchmarkState, group: Group): void {
  for (const path of Object.keys(state.done)) {
    if (path.startsWith(`${trialsPath(group)}.`) || path.startsWith(`${scoresPath(group)}.`)) {
      delete state.done[path];
    }
  }
}

const ingestShard = (path: string, { name, dataset }: BenchmarkData): Shard => ({
  ...{ path, stage: 'ingest', seed: 0, params: { dataset }, inputs: {} },
  summary: `read ${name}`,
  fresh: true,
});

function trialShard({ config }: BenchmarkState, group: Group, seed: number, { outputs }: StageResult): Shard {
  const { name, dataset, features } = group.data;
  const { size, learner, folds } = config;
  return {
    path: `${trialsPath(group)}.${seed}`,
    stage: 'benchmarkTrial',
    summary: `trial: ${group.path}, seed ${seed}`,
    seed,
    params: { name, columns: dataset.columns, features, noise: group.noise, size, learner, folds },
    inputs: { dataset: outputs['dataset']! },
  };
}

function scoreShardsOf({ config }: BenchmarkState, trial: Shard, { outputs }: StageResult): Shard[] {
  return config.estimators.map((estimator) => ({
    path: `${trial.path.replace('trials.', 'scores.')}.${estimator}`,
    stage: 'benchmarkScore',
    summary: `${estimator}: ${trial.summary}`,
    seed: trial.seed,
    params: { estimator, curves: config.curves },
    inputs: { trial: outputs['trial']!, facts: outputs['facts']! },
  }));
}

function leaderboardShard({ config, finished }: BenchmarkState, groups: readonly Group[]): Shard {
  const done = groups.flatMap(({ path }) => finished[path] ?? []);
  const trials = done.flatMap((group) => group.trials);
  const { name, size, learner, folds } = config;
  return {
    path: 'leaderboard',
    stage: 'leaderboard',
    summary: 'rank the estimators',
    seed: 0,
    params: {
      ...{ name, size, learner, folds },
      trials: trials.map(({ dataset, noise, seed, learner: made, outOfFoldMs, descentMs }) => ({
        ...{ dataset, noise, seed, learner: made, outOfFoldMs, descentMs },
      })),
      cells: trials.flatMap(({ cells }, trial) =>
        cells.map(({ estimator, wallMs }) => ({ trial, estimator, wallMs })),
      ),
      missing: done.flatMap(({ missing }) => missing),
    },
    inputs: { measures: trials.flatMap(({ cells }) => cells.map(({ measures }) => measures)) },
  };
}

/** A benchmark that has done nothing yet. */
export const newBenchmarkState = (config: BenchmarkConfig): BenchmarkState => ({
  ...{ config, stages: [], done: {}, round: 0, state: 'running' as const },
  finished: {},
});

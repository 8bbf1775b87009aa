import { spentReason } from '../core/loop/budget.js';
import {
  bestTrial,
  nextJobs,
  rungShares,
  type SearchPlan,
  type TrialJob,
  type TrialResult,
} from '../core/loop/halving.js';
import { drawTrials, type TrialParams } from '../core/loop/searchSpace.js';
import type { RunConfig } from '../config/runConfig.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageResult } from '../contracts/stage.js';
import type { Scheme } from '../core/choice/division.js';
import { common, type Ground, type Unit } from './pipeline.js';
import type { RunState } from './progress.js';
import type { RoundSteps } from './rounds.js';
import { samplesOf } from './scoring.js';
import type { Shard } from './shards.js';

/** Where a search is made: a stage, what tells its shards apart, and the training rows that it may see. */
export interface SearchPlace {
  /** Of the stage's row. */
  readonly path: string;
  readonly shardPath: string;
  readonly scheme: Scheme;
  readonly unit: Unit;
}

/** What a search begins from, whether another wave may begin, and who is told of what was found. */
export interface SearchControl {
  /** The configuration as it stands, without what another search settled. */
  readonly ground: () => Ground;
  /** Why no wave may follow; never of a wave that began already, before the run continued as new. */
  readonly ended: (place: SearchPlace, wave: number) => string | undefined;
  readonly tell: (place: SearchPlace, figures: StageResult['figures']) => void;
}

/** What a search settled. */
export interface Tuned {
  /** Of the model; none where the settings stay as they were. */
  readonly params: TrialParams;
  /** Of the trial that won, on all rows; undefined where it diverged. */
  readonly strength: number | undefined;
  /** Its document says what was tried. */
  readonly result: StageResult;
}

/** A trial's job, done: its predictions, and how good they are. */
interface Finished extends TrialResult {
  readonly strength: number | undefined;
  readonly predictions: readonly ArtifactRef[];
}

/** The configuration with a model's settings replaced. */
export const withParams = ({ config, ...ground }: Ground, params: TrialParams): Ground => ({
  ...ground,
  config: { ...config, model: { ...config.model, ...params } },
});

/**
 * Searches settings of the model, weights left uniform: waves of trials, each judged out of fold at its own best strength.
 * Undefined when an operator skipped it.
 */
export async function searchSettings(
  { runner, pause }: Pick<RoundSteps, 'runner' | 'pause'>,
  place: SearchPlace,
  control: SearchControl,
): Promise<Tuned | undefined> {
  const { ground } = control;
  const steps = { runner, ground };
  const asked = (): string => {
    const { config, strengths } = ground();
    return JSON.stringify([config.model, config.tune, config.loop.metric, strengths]);
  };
  let results: Finished[] = [];
  for (let wave = 0; ; wave++) {
    const { plan, trials } = planOf(ground());
    const jobs = nextJobs(plan, results);
    const ended = jobs.length > 0 ? control.ended(place, wave) : undefined;
    if (jobs.length === 0 || ended !== undefined) {
      return settle(steps, place, { results, trials, chosen: bestTrial(plan, results), ended });
    }
    await pause();
    const question = asked();
    const done = await playWave(steps, place, jobs);
    if (!done) return undefined;
    if (asked() !== question) {
      // An operator gave new settings: what was tried with others says nothing; what is the same is not asked again.
      results = [];
      wave = -1;
      continue;
    }
    results = [...results, ...done];
    control.tell(place, figuresOf(plan, results));
  }
}

function figuresOf(plan: SearchPlan, results: readonly Finished[]): StageResult['figures'] {
  const best = bestTrial(plan, results);
  const value = results.findLast(({ trial }) => trial === best)?.value ?? -Infinity;
  const trials = new Set(results.map(({ trial }) => trial)).size - 1;
  return { trials, best, ...(value > -Infinity ? { value } : {}) };
}

function planOf({ config }: Ground) {
  const { method, reduction, leastShare, parallel, trials: wanted, search = {} } = config.tune!;
  const trials = [{}, ...drawTrials(search, wanted, config.seed, config.model as TrialParams)];
  const shares = method === 'random' ? [1] : rungShares(reduction, leastShare);
  return { trials, plan: { trials: trials.length - 1, shares, reduction, parallel } };
}

/** All folds of all jobs at once, then a judgement of each job. */
async function playWave(
  { runner, ground }: Pick<RoundSteps, 'runner' | 'ground'>,
  place: SearchPlace,
  jobs: readonly TrialJob[],
): Promise<Finished[] | undefined> {
  const options = { skippable: true };
  const fits = await runner.run(
    place.path,
    () => jobs.flatMap((job) => trialShards(place, ground(), job)),
    options,
  );
  if (!fits) return undefined;
  const { folds } = ground().config.tune!;
  const predictions = jobs.map((_, j) =>
    fits.slice(j * folds, (j + 1) * folds).flatMap(({ outputs }) => outputs['predictions']!),
  );
  const judged = await runner.run(
    place.path,
    () => jobs.map((job, j) => judgeShard(place, ground(), job, predictions[j]!)),
    options,
  );
  return judged?.map(({ figures }, j) => ({
    ...jobs[j]!,
    predictions: predictions[j]!,
    value: figures['diverged'] === 1 ? -Infinity : Number(figures['value']),
    strength: figures['diverged'] === 1 ? undefined : Number(figures['strength']),
  }));
}

const jobPath = ({ shardPath }: SearchPlace, { trial, rung }: TrialJob): string =>
  `${shardPath}.${trial}.${rung}`;

function trialShards(place: SearchPlace, ground: Ground, job: TrialJob): Shard[] {
  const { folds } = ground.config.tune!;
  const { plan, trials } = planOf(ground);
  const share = plan.shares[job.rung]!;
  const settings = common(withParams(ground, trials[job.trial]!), place.scheme, place.unit);
  return Array.from({ length: folds }, (_, fold) => ({
    path: `${jobPath(place, job)}.${fold}`,
    stage: 'trial',
    summary: `trial ${job.trial} on ${Math.round(100 * share)}% of the rows: fold ${fold + 1} of ${folds}`,
    seed: ground.config.seed,
    params: { ...settings, folds, fold, share },
    inputs: ground.prepared,
    onDevice: true,
  }));
}

const judging = ({ task, loop, tune }: RunConfig) => ({
  task,
  folds: tune!.folds,
  ...(loop.metric ? { metric: loop.metric } : {}),
});

const judgeShard = (
  place: SearchPlace,
  { config, prepared }: Ground,
  job: TrialJob,
  trial: readonly ArtifactRef[],
): Shard => ({
  path: `${jobPath(place, job)}.judge`,
  stage: 'judgeTrial',
  summary: `how good is trial ${job.trial}?`,
  seed: config.seed,
  params: judging(config),
  inputs: { samples: prepared['samples']!, classes: prepared['classes']!, trial: [...trial] },
});

interface Search {
  readonly results: readonly Finished[];
  readonly trials: readonly TrialParams[];
  readonly chosen: number;
  readonly ended: string | undefined;
}

/** Writes the search down, and says what it settled. */
async function settle(
  { runner, ground }: Pick<RoundSteps, 'runner' | 'ground'>,
  place: SearchPlace,
  search: Search,
): Promise<Tuned | undefined> {
  const { results, trials, chosen } = search;
  const final = (trial: number) => results.findLast((one) => one.trial === trial);
  if (!final(chosen)) return undefined; // the budget was spent before anything began
  const written = await runner.run(place.path, () => [summaryShard(place, ground(), search)], {
    skippable: true,
  });
  const [result] = written ?? [];
  return result && { params: trials[chosen]!, strength: final(chosen)!.strength, result };
}

function summaryShard(place: SearchPlace, ground: Ground, { results, trials, chosen, ended }: Search): Shard {
  const { config, prepared } = ground;
  const { plan } = planOf(ground);
  const names = Object.keys(config.tune!.search ?? {}).sort();
  const given = Object.fromEntries(names.map((name) => [name, (config.model as TrialParams)[name] ?? null]));
  const ofTrial = (number: number) => results.filter(({ trial }) => trial === number);
  const final = (number: number) => [...ofTrial(number).at(-1)!.predictions];
  return {
    path: `${place.shardPath}.choose`,
    stage: 'tune',
    summary: 'what was tried, and what won',
    seed: config.seed,
    params: {
      ...judging(config),
      method: config.tune!.method,
      model: config.model.name,
      trials: trials.slice(0, 1 + Math.max(...results.map(({ trial }) => trial))).map((params, number) => ({
        number,
        params: number === 0 ? given : params,
        rungs: ofTrial(number).map(({ rung, value, strength }) => ({
          share: plan.shares[rung]!,
          value: value > -Infinity ? value : null,
          strength: strength ?? null,
        })),
      })),
      chosen,
      ...(ended === undefined ? {} : { ended }),
    },
    inputs: {
      samples: samplesOf(prepared)['samples']!,
      classes: prepared['classes']!,
      baseline: final(0),
      chosen: final(chosen),
    },
  };
}

/** Budgets of the search and of the run. What was decided of a wave holds when the run continues as new. */
export function searchBudget(state: RunState, nowMs: () => number): Pick<SearchControl, 'ended'> {
  const activeMs = (): number => nowMs() - (state.idleMs ?? 0);
  return {
    ended: ({ shardPath }, wave) => {
      const searches = (state.searches ??= {});
      const search = (searches[shardPath] ??= { beganMs: activeMs(), waves: 0 });
      if (wave < search.waves) return undefined;
      if (search.ended !== undefined) return search.ended;
      const { budget, tune } = state.config;
      const own = { costPerHour: budget.costPerHour, ...tune?.budget };
      const spent =
        spentReason('budget', budget, activeMs() - (state.startedAtMs ?? search.beganMs)) ??
        spentReason('tune.budget', own, activeMs() - search.beganMs);
      if (spent === undefined) search.waves = wave + 1;
      else search.ended = spent;
      return spent;
    },
  };
}

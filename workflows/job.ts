import type { RunConfig } from '../config/runConfig.js';
import type { InputKind } from '../contracts/model.js';
import type { Approval, RunOutcome } from '../contracts/run.js';
import type { Figures } from '../contracts/stage.js';
import type { EvidencePlan } from '../core/importance/evidencePlan.js';
import { analyseShard, gateShard, outcomeOutputs, reportShard } from './closing.js';
import { loopControl } from './control.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import type { Ground } from './pipeline.js';
import { prepareSamples, profileShard } from './preparation.js';
import { championShard, registers, registerShard } from './registering.js';
import { stageRow, type RunState } from './progress.js';
import type { ReadingHost } from './reading.js';
import type { FeaturesHost } from './featurizing.js';
import type { RoundSteps } from './rounds.js';
import { reweightingLoop } from './loop.js';
import type { Shard } from './shards.js';
import type { StageOptions } from './stages.js';
import { searchBudget, searchSettings, withParams, type SearchControl, type Tuned } from './tuning.js';
import { crossValidate, finalModels } from './validation.js';

/** What the configuration's model says of itself: workflows can't ask it. */
export interface ModelTraits {
  /** Its grid of regularisation, where the configuration names none. */
  readonly strengths: readonly number[];
  /** @default sparse */
  readonly input?: InputKind;
  /** @default words */
  readonly tokenizer?: 'words' | 'wordpiece';
  /** What the configuration's estimator wants of it. @default out-of-fold logits only */
  readonly evidence?: EvidencePlan;
}

/** What the job needs of the world: a workflow, or a test's fakes. */
export interface JobHost extends ReadingHost, FeaturesHost {
  readonly runId: string;
  readonly nowMs: () => number;
  /** Called between rounds: a long run continues as new here. */
  readonly pause: () => Promise<void>;
  /** Asks a person whether the model that passed the gate may be promoted. @default nobody is asked */
  readonly approval?: () => Promise<Approval>;
  /** Told of the figures of a profile in which columns differ from the champion's data. @default nobody is told */
  readonly drifted?: (figures: Figures) => Promise<void>;
}

const single = (shard: () => Omit<Shard, 'path'>, path: string) => () => [{ path, ...shard() }];

/** From a dataset to a judged, explained model: every stage in order, the loop in the middle. */
export async function trainingJob(state: RunState, traits: ModelTraits, host: JobHost): Promise<RunOutcome> {
  const { runId, runner, nowMs, pause, approval, drifted } = host;
  const one = async (path: string, shard: () => Omit<Shard, 'path'>, options?: StageOptions) =>
    (await runner.run(path, single(shard, path), options))?.[0];
  const config = (): RunConfig => state.config;

  const { clean, featurize, prepared } = await prepareSamples(
    host,
    async (path, shard) => (await one(path, shard))!,
    config,
    traits,
  );

  const profile = profiles(config())
    ? await one('profile', () => profileShard(config(), clean), { skippable: true })
    : undefined;
  if (profile && Number(profile.figures['drifted'] ?? 0) > 0) await drifted?.(profile.figures);

  const configured = (): Ground => ({
    config: config(),
    prepared,
    strengths: config().loop.strengths ?? traits.strengths,
    dataset: clean.outputs['dataset']!,
    ...(clean.outputs['votes'] ? { votes: clean.outputs['votes'] } : {}),
    ...(traits.evidence ? { evidence: traits.evidence } : {}),
  });
  let tuned: Tuned | undefined;
  const steps: RoundSteps = {
    runner,
    nowMs,
    pause,
    ground: () => withParams(configured(), tuned?.params ?? {}),
    onRound: (round, metric) => {
      state.round = round;
      state.metric = metric;
      state.metrics = [...(state.metrics ?? []).filter((one) => one.round !== round), { round, ...metric }];
      runner.show();
    },
  };
  const scheme = { seed: config().seed, outerFolds: config().loop.outerFolds };
  const search = searchOf(state, { runner, nowMs }, configured);
  // Runs that began before there was tuning have no such setting.
  if (config().tune)
    tuned = await searchSettings(steps, { path: 'tune', shardPath: 'tune', scheme, unit: FULL_UNIT }, search);
  const loop = await reweightingLoop(steps, scheme, loopControl(state, nowMs));

  const crossValidation = await crossValidate(steps, loop, search);
  const models = await finalModels(steps, loop);
  const analyse = await one('analyse', () => analyseShard(steps.ground(), clean, featurize, models), {
    skippable: true,
  });
  const champion = registers(config())
    ? await one('champion', () => championShard(config()), { skippable: true })
    : undefined;
  const gate =
    analyse &&
    (await one('gate', () => gateShard(steps.ground(), loop, analyse, clean, champion), {
      skippable: true,
    }));
  const asks = gate?.figures['promoted'] === 1 && config().gate.approval === 'required';
  const answer = asks ? await approval?.() : undefined;
  const chosen = { clean, featurize, loop, models, analyse, champion, gate, answer };
  const registered = registers(config())
    ? await one('register', () => registerShard(runId, state, chosen, steps.ground()), { skippable: true })
    : undefined;
  const done = { ...chosen, profile, tuned, crossValidation, registered };
  const report = await one('report', () => reportShard(runId, state, done, steps.ground()), {
    skippable: true,
  });
  return {
    state: 'completed',
    outputs: outcomeOutputs(done, report),
    figures: {
      ...{ policy: loop.incumbent.policy, reason: loop.reason, loopEnded: loop.reason },
      ...analyse?.figures,
      ...gate?.figures,
      ...(answer ? approvalFigures(answer) : {}),
      ...registered?.figures,
    },
  };
}

/** What a search of settings begins from, and where its figures are shown. */
const searchOf = (
  state: RunState,
  { runner, nowMs }: Pick<JobHost, 'runner' | 'nowMs'>,
  ground: () => Ground,
): SearchControl => ({
  ...searchBudget(state, nowMs),
  ground,
  tell: ({ path }, figures) => {
    Object.assign(stageRow(state, path).figures, figures);
    runner.show();
  },
});

/** Runs that began before there were profiles have no such setting. */
const profiles = (given: Partial<RunConfig>): boolean => given.profile?.enabled ?? false;

/** What a person said replaces what the gate found. */
const approvalFigures = ({ approved, by, note }: Approval) => ({
  promoted: approved ? 1 : 0,
  approval: `${approved ? 'approved' : 'refused'} by ${by}${note === undefined ? '' : `: ${note}`}`,
});

import {
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
  upsertMemo,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { AdaptRule } from '../contracts/adapt.js';
import { TASK_QUEUE, TRAIN_WORKFLOW } from '../contracts/names.js';
import type { RunFace } from '../contracts/runFace.js';
import type { RetrainOutcome } from '../contracts/schedule.js';
import { fingerprint } from './fingerprint.js';
import { adaptTo } from './adaptation.js';
import { announce } from './notification.js';
import { newRunState, stageRow, type RunState } from './progress.js';
import { settled } from './settled.js';
import { createStageRunner, type StageRunner } from './stages.js';
import type { train, TrainInput } from './train.js';

/** What a schedule starts each time. */
export interface RetrainInput {
  readonly train: TrainInput;
  /** How the run is shown. */
  readonly face: RunFace;
  /** Present where no run is started: the champion of this name goes on with new rows. */
  readonly adapt?: {
    readonly name: string;
    readonly rule: AdaptRule;
    readonly data: string | readonly string[];
  };
}

type Versions = Pick<RetrainOutcome, 'dataVersion' | 'settings'>;

/**
 * One firing of a schedule: looks what the source files hold now, and starts a run, or adapts the champion, where that, or
 * what it is asked, differs from the last firing's that came to an end. Else it says so and ends.
 */
export async function retrain(input: RetrainInput): Promise<RetrainOutcome> {
  const state: RunState = { ...newRunState(input.train.config), isFiring: true };
  const runner = createStageRunner(state);
  return settled(state, runner, async () => {
    const last = workflowInfo().lastResult as RetrainOutcome | undefined;
    const dataVersion = await newestVersion(state, runner, input.adapt);
    const asked = { ...input.train, config: state.config, ...(input.adapt ? { adapt: input.adapt } : {}) };
    const now = { dataVersion, settings: fingerprint(JSON.stringify(asked)) };
    const because = changesSince(last, now);
    if (last && because.length === 0) {
      const row = input.adapt ? 'adapt' : 'run';
      stageRow(state, row).state = 'skipped';
      tell(state, runner, 'nothing has changed', last.runId, row);
      return { ...now, state: 'unchanged', runId: last.runId, because };
    }
    if (input.adapt) return { ...now, because, ...(await adaptNow(input.adapt, state, runner)) };
    const child = await startRun(input, state.config);
    Object.assign(stageRow(state, 'run'), { state: 'running', attempts: 1, startedAtMs: Date.now() });
    tell(state, runner, wordsOf(because), child.workflowId);
    const { promoted } = (await outcomeOf(child)).figures;
    Object.assign(stageRow(state, 'run'), { state: 'done', endedAtMs: Date.now() });
    const decided = typeof promoted === 'number' ? { promoted } : {};
    return { ...now, state: 'completed', runId: child.workflowId, because, ...decided };
  });
}

/** Lets the champion go on with rows that it has not learned, in stages of this workflow. */
async function adaptNow(
  { name, rule, data }: NonNullable<RetrainInput['adapt']>,
  state: RunState,
  runner: StageRunner,
): Promise<Pick<RetrainOutcome, 'state' | 'runId' | 'adapted'>> {
  const rows = { source: [data].flat(), by: `schedule ${state.config.name}`, onlyNew: true };
  const figures = await adaptTo(runner, '', rows, () => ({ ...state.config, name, rule }));
  const { action, reason, registered } = figures;
  const runId = workflowInfo().workflowId;
  const found = typeof registered === 'string' ? `${String(action)} ${registered}` : String(action);
  state.next = [`assay models history ${name}`, `assay schedule describe ${state.config.name}`];
  upsertMemo({ found, run: runId });
  runner.show();
  if (action === 'promoted') await announce(state, 'promoted', { figures });
  const made = typeof registered === 'string' ? { registered } : {};
  return {
    state: 'completed',
    runId,
    adapted: { action: String(action), reason: String(reason), ...made },
  };
}

/** What differs from the last firing that came to an end. */
export function changesSince(last: Versions | undefined, now: Versions): RetrainOutcome['because'] {
  if (!last) return ['first'];
  return [
    ...(last.dataVersion === now.dataVersion ? [] : ['data' as const]),
    ...(last.settings === now.settings ? [] : ['settings' as const]),
  ];
}

const wordsOf = (because: RetrainOutcome['because']): string =>
  because.includes('first') ? 'the first run' : `new ${because.join(' and ')}`;

async function newestVersion(
  state: RunState,
  runner: StageRunner,
  adapts: RetrainInput['adapt'],
): Promise<string> {
  const found = await runner.run('sourceVersion', () => {
    const { dataset, knowledge, pretrain, model } = state.config;
    const joined = dataset.joins?.map(({ source }) => source) ?? [];
    const further = adapts ? [] : [knowledge?.graph ?? [], pretrain?.source ?? []];
    const sources = [adapts?.data ?? dataset.source, ...joined, ...further].flat();
    const encoder = model.from === undefined ? {} : { encoder: model.from };
    return [
      {
        path: 'sourceVersion',
        stage: 'sourceVersion',
        summary: `what is new in ${[...sources, model.from ?? []].flat().join(', ')}`,
        seed: 0,
        params: { sources, ...encoder },
        inputs: {},
        fresh: true,
      },
    ];
  });
  return String(found?.[0]?.figures['version']);
}

/** Shows, in details and memo, what this firing comes to. */
function tell(state: RunState, runner: StageRunner, found: string, runId: string, row = 'run'): void {
  stageRow(state, row).figures = { found, run: runId };
  state.next = [`assay show ${runId}`, `assay schedule describe ${state.config.name}`];
  upsertMemo({ found, run: runId });
  runner.show();
}

/** By the clock of the firing; a letter is added where another run took that second. */
async function startRun(
  { train: input, face }: RetrainInput,
  config: TrainInput['config'],
): Promise<ChildWorkflowHandle<typeof train>> {
  const { workflowId, startTime } = workflowInfo();
  const digits = startTime.toISOString().replace(/[-:]/g, '');
  const id = `${TRAIN_WORKFLOW}/${config.name}/${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
  for (let suffix = ''; ; suffix = nextLetter(suffix)) {
    try {
      return await startChild<typeof train>(TRAIN_WORKFLOW, {
        args: [{ ...input, config }],
        workflowId: id + suffix,
        taskQueue: TASK_QUEUE.workflow,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        // Cancelled with the firing; ended in order where that is terminated.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: face.summary,
        staticDetails: face.details,
        memo: { ...face.memo, firing: workflowId },
        ...(face.priority ? { priority: face.priority } : {}),
        typedSearchAttributes: [
          { key: STATUS, value: 'running' },
          { key: DATASET, value: face.dataset },
        ],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || suffix === 'z') throw error;
    }
  }
}

const STATUS = defineSearchAttributeKey('AssayStatus', 'KEYWORD');
const DATASET = defineSearchAttributeKey('AssayDataset', 'KEYWORD');

const nextLetter = (letter: string): string =>
  letter === '' ? 'b' : String.fromCharCode(letter.charCodeAt(0) + 1);

/** Fails as the run does, in its words: a schedule may pause on that. */
async function outcomeOf(child: ChildWorkflowHandle<typeof train>) {
  try {
    return await child.result();
  } catch (error) {
    if (error instanceof ChildWorkflowFailure && error.cause) throw error.cause;
    throw error;
  }
}

import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { APPROVE_UPDATE, CONTINUE_UPDATE, METRICS_QUERY, STOP_UPDATE } from '../contracts/names.js';
import type { Approval, ContinueLoop, RunMetrics, StopLoop } from '../contracts/run.js';
import { announce } from './notification.js';
import { continueLoop, refuseApproval, refuseLoopUpdate, stopLoop } from './control.js';
import { runMetrics, stageRow, type RunState } from './progress.js';
import type { StageRunner } from './stages.js';
import { waitIdle } from './waiting.js';

const metricsQuery = defineQuery<RunMetrics>(METRICS_QUERY);
const stopUpdate = defineUpdate<string, [StopLoop?]>(STOP_UPDATE);
const continueUpdate = defineUpdate<string, [ContinueLoop]>(CONTINUE_UPDATE);
const approveUpdate = defineUpdate<string, [Approval]>(APPROVE_UPDATE);

/** Lets operators steer the loop of a run and approve its model. */
export function listenToOperators(state: RunState, runner: StageRunner): void {
  const told = <T>(apply: () => T): T => {
    const answer = apply();
    runner.show();
    return answer;
  };
  setHandler(metricsQuery, () => runMetrics(state, workflowInfo().workflowId), {
    description: 'The metric after each round, and the figures of every stage',
  });
  setHandler(stopUpdate, (given) => told(() => stopLoop(state, given)), {
    description: 'End the loop after the round that is under way: {"by":"…","note":"…"}',
    validator: (given = {}) => refuse(refuseLoopUpdate(state, given, 'stop')),
  });
  setHandler(continueUpdate, (given) => told(() => continueLoop(state, given)), {
    description: 'Play more rounds, whatever maxRounds and patience say: {"rounds":2}',
    validator: (given) => refuse(refuseLoopUpdate(state, given, 'continue')),
  });
  setHandler(
    approveUpdate,
    (given) => {
      state.approval = given;
      return `${given.approved ? 'approved' : 'refused'} by ${given.by}`;
    },
    {
      description: 'Say whether the model may be promoted: {"approved":true,"by":"…","note":"…"}',
      validator: (given) => refuse(refuseApproval(state, given)),
    },
  );
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'Refused');
}

/** Waits until a person has said whether the model that passed the gate may be promoted. */
export async function approvalOf(state: RunState, runner: StageRunner): Promise<Approval> {
  const { workflowId } = workflowInfo();
  const row = stageRow(state, 'approval');
  row.startedAtMs = Date.now();
  state.state = 'waiting';
  state.waiting = {
    question: 'The model passed the gate. May it be promoted?',
    commands: [`assay approve ${workflowId} --note "…"`, `assay approve ${workflowId} --refuse --note "…"`],
  };
  runner.show();
  void announce(state, 'waiting', { stage: row.path, commands: state.waiting.commands });
  await waitIdle(state, () => condition(() => state.approval !== undefined));
  const { approved, by, note } = state.approval!;
  delete state.waiting;
  state.state = 'running';
  Object.assign(row, {
    state: 'done',
    endedAtMs: Date.now(),
    figures: { approved: approved ? 1 : 0, by, ...(note === undefined ? {} : { note }) },
  });
  runner.show();
  return state.approval!;
}

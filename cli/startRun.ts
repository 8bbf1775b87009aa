import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type Priority, TypedSearchAttributes } from '@temporalio/common';
import type { RunConfig } from '../config/runConfig.js';
import { taskName } from '../contracts/settings.js';
import type { BenchmarkConfig } from '../contracts/benchmark.js';
import { BENCHMARK_WORKFLOW, TASK_QUEUE, TRAIN_WORKFLOW } from '../contracts/names.js';
import type { Successor } from '../contracts/run.js';
import type { RunFace } from '../contracts/runFace.js';
import { estimatorByName, evidencePlan } from '../core/importance/index.js';
import { taskOf } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import type { BenchmarkInput } from '../workflows/benchmark.js';
import type { ModelTraits } from '../workflows/job.js';
import type { TrainInput } from '../workflows/train.js';
import { CliError, EXIT } from './exit.js';
import { KEYS } from './runClient.js';
import { isServed, type Server } from './server.js';

/** Of what is searched for; longer lists are cut. */
const DATASET_CHARACTERS = 200;

/** `train/<name>/<yyyyMMdd-HHmmss>`, in UTC. */
export function newRunId(name: string, now: Date, workflow: string = TRAIN_WORKFLOW): string {
  const digits = now.toISOString().replace(/[-:]/g, '');
  return `${workflow}/${name}/${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
}

/** Starts a run and returns its id; the id gets a letter where another run took it within the same second. */
export async function startRun(
  server: Server,
  config: RunConfig,
  runId: string,
  successor?: Successor,
): Promise<string> {
  return start(server, runId, { workflow: TRAIN_WORKFLOW, ...(await runStart(server, config, successor)) });
}

/** What the run of a configuration is started with, by hand or by a schedule. */
export async function runStart(
  server: Server,
  config: RunConfig,
  successor?: Successor,
): Promise<{ readonly input: TrainInput; readonly face: RunFace }> {
  const { usesEngine } = modelByName(config.model.name);
  const device = usesEngine ? await deviceOf(server, config.training.device) : 'cpu';
  const origin = successor ? `\n- successor of \`${successor.of}\`, anew from \`${successor.from}\`` : '';
  return {
    input: { config, ...traitsOf(config), device, ...(successor ? { successor } : {}) },
    face: {
      summary: `${config.name}: ${taskName(config.task)} with ${config.model.name}, ${config.importance.estimator}`,
      details: `${details(config)}${origin}`,
      dataset: String(config.dataset.source).slice(0, DATASET_CHARACTERS),
      memo: {
        device,
        ...(successor ? { successorOf: successor.of, retriedFrom: successor.from } : {}),
      },
      priority: temporalPriority(config.priority),
    },
  };
}

/** Starts a benchmark and returns its id. */
export function startBenchmark(server: Server, config: BenchmarkConfig, runId: string): Promise<string> {
  const input: BenchmarkInput = { config };
  const sets = config.data.map(({ name }) => name).join(', ');
  const face: RunFace = {
    summary: `${config.name}: ${config.estimators.length} estimators on ${sets}`,
    details: `**${config.name}**: ${config.estimators.join(', ')} on ${sets}; ${config.seeds.length} seeds`,
    dataset: sets.slice(0, DATASET_CHARACTERS),
    memo: { device: 'cpu' },
  };
  return start(server, runId, { workflow: BENCHMARK_WORKFLOW, input, face });
}

interface Start {
  readonly workflow: string;
  readonly input: TrainInput | BenchmarkInput;
  readonly face: RunFace;
}

async function start(server: Server, runId: string, { workflow, input, face }: Start): Promise<string> {
  for (const suffix of ['', 'b', 'c', 'd', 'e', 'f']) {
    try {
      const handle = await server.client.workflow.start(workflow, {
        args: [input],
        taskQueue: TASK_QUEUE.workflow,
        workflowId: runId + suffix,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: face.summary,
        staticDetails: face.details,
        memo: face.memo,
        ...(face.priority ? { priority: face.priority } : {}),
        typedSearchAttributes: new TypedSearchAttributes([
          { key: KEYS.status, value: 'running' },
          { key: KEYS.dataset, value: face.dataset },
        ]),
      });
      return handle.workflowId;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
  throw new CliError(`six runs took the id ${runId} within one second; try again`, EXIT.failed);
}

/** As Temporal calls it; activities inherit it from their workflow. */
export const temporalPriority = ({ key, team, weight }: RunConfig['priority']): Priority => ({
  ...(key === undefined ? {} : { priorityKey: key }),
  ...(team === undefined ? {} : { fairnessKey: team }),
  ...(weight === undefined ? {} : { fairnessWeight: weight }),
});

/** What a workflow must know of the configuration's model and estimator. */
export function traitsOf(config: RunConfig): ModelTraits {
  const model = modelByName(config.model.name);
  const { regularisation, input, tokenizer } = model;
  return {
    strengths: regularisation.grid,
    input,
    ...(tokenizer ? { tokenizer } : {}),
    evidence: evidencePlan(estimatorByName(config.importance.estimator), model, taskOf(config.task)),
  };
}

/** auto: the GPU where somebody serves its queue. */
async function deviceOf(
  server: Server,
  wanted: RunConfig['training']['device'],
): Promise<NonNullable<TrainInput['device']>> {
  if (wanted !== 'auto') return wanted;
  return (await isServed(server, TASK_QUEUE.gpu, Date.now())) ? 'gpu' : 'cpu';
}

const details = (config: RunConfig): string =>
  [
    `**${config.name}**: ${taskName(config.task)}, target \`${config.dataset.columns.target}\``,
    '',
    `- data: \`${String(config.dataset.source)}\``,
    `- candidates: uniform, ${config.loop.policies.join(', ')}; at most ${config.loop.maxRounds} rounds, ${config.loop.outerFolds} outer folds`,
    `- seed ${config.seed}`,
  ].join('\n');

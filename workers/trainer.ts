/** Entry of a trainer child: runs any stage of the registry, one job at a time, and keeps what it has read. */
import { failureRecord, HANDED_BACK } from '../activities/failure.js';
import type { Stage } from '../activities/stage.js';
import { CancelledError, ConfigError } from '../contracts/errors.js';
import type { Progress, StageOutput } from '../contracts/stage.js';
import { openContexts, type ContextFactory } from './dependencies.js';
import { openTracing } from '../infra/tracing/open.js';
import { TrainerSettings, type FromTrainer, type ToTrainer, type TracedJob } from './protocol.js';
import { dieWithParent } from './dieWithParent.js';

/** The worker stops: what was reached is in the store, and the next worker goes on there. */
class HandedBackError extends Error {
  override readonly name = HANDED_BACK;

  constructor(path: string, position: number) {
    super(`${path}: handed back at ${position}, the worker stops`);
  }
}

interface Trainer {
  readonly stages: readonly Stage[];
  readonly contexts: ContextFactory;
}

const PROGRESS_INTERVAL_MS = 100;
const LAST_SPANS_MS = 400;

const settings = TrainerSettings.parse(JSON.parse(process.argv[2] ?? 'null'));
dieWithParent();
// A terminal's Ctrl-C reaches the whole group; when to stop is for the worker to say.
process.on('SIGINT', () => undefined);
const tracing = openTracing('assay-trainer', process.env);
process.on('disconnect', () => void leave());
let trainer: Promise<Trainer> | undefined = openTrainer();
trainer.catch(() => (trainer = undefined));
let running: AbortController | undefined;
let isHandingBack = false;

process.on('message', (message: ToTrainer) => {
  switch (message.type) {
    case 'run':
      void answer(message.job);
      return;
    case 'handBack':
      isHandingBack = true;
      return;
    case 'abort':
      running?.abort(new CancelledError('the stage was asked to stop'));
  }
});

async function openTrainer(): Promise<Trainer> {
  const [module, contexts] = await Promise.all([
    import(settings.stagesModule) as Promise<{ readonly stages?: readonly Stage[] }>,
    openContexts(settings),
  ]);
  if (module.stages === undefined) {
    throw new ConfigError(`${settings.stagesModule}: expected an export \`stages\`, found none`);
  }
  return { stages: module.stages, contexts };
}

/** The worker gives half a second. */
async function leave(): Promise<never> {
  await (await tracing)?.stop(LAST_SPANS_MS);
  process.exit(0);
}

async function answer(job: TracedJob): Promise<void> {
  const control = new AbortController();
  running = control;
  try {
    send({ type: 'done', output: await traced(job, control) });
  } catch (error) {
    const handedBack = control.signal.reason instanceof HandedBackError;
    send({ type: 'failed', failure: failureRecord(handedBack ? control.signal.reason : error) });
  } finally {
    running = undefined;
  }
}

async function traced(job: TracedJob, control: AbortController): Promise<StageOutput> {
  const { request, stageKey, traceparent } = job;
  const telling = await tracing;
  if (telling === undefined) return run(job, control, () => undefined);
  const { runId, path, stage } = request;
  const attributes = { 'assay.run': runId, 'assay.path': path, 'assay.stage_key': stageKey };
  return telling.within(traceparent, { name: `Train:${stage}`, attributes }, (span) =>
    run(job, control, (position) => span.addEvent('checkpoint', { position })),
  );
}

async function run(
  { request, stageKey, codeVersion }: TracedJob,
  control: AbortController,
  saved: (position: number) => void,
): Promise<StageOutput> {
  // A store that was away when we started is tried again with each job.
  const opening = (trainer ??= openTrainer());
  opening.catch(() => (trainer = undefined));
  const { stages, contexts } = await opening;
  const stage = stages.find((candidate) => candidate.name === request.stage);
  if (stage === undefined) {
    const known = stages.map((candidate) => candidate.name).join(', ');
    throw new ConfigError(`${request.path}: expected a stage out of ${known}, got "${request.stage}"`);
  }
  const { path, seed, inputs, dataEngine } = request;
  const params = stage.paramsSchema.parse(request.params);
  const context = contexts(stageKey, {
    owner: { stage: stage.name, codeVersion },
    ...(dataEngine === undefined ? {} : { dataEngine }),
    signal: control.signal,
    progress: throttled((progress) => send({ type: 'progress', progress })),
    checkpointNow: () => isHandingBack,
    checkpointSaved: (position) => {
      send({ type: 'checkpoint', position });
      saved(position);
      if (isHandingBack) control.abort(new HandedBackError(path, position));
    },
  });
  return stage.run({ path, seed, params, inputs }, context);
}

/** Small fits take many steps a second; people see one heartbeat in half a second. */
function throttled(tell: (progress: Progress) => void): (progress: Progress) => void {
  let lastMs = -Infinity;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = nowMs;
    tell(progress);
  };
}

function send(message: FromTrainer): void {
  process.send?.(message);
}

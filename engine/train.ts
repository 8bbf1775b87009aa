import type { Engine, TrainRequest, TrainResult } from '../contracts/engine.js';
import { CancelledError, DivergedError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { TrainingHistory } from '../contracts/model.js';
import type { Backend } from './backend.js';
import { epochOrder, readMinibatch, weightedRows } from './minibatches.js';
import { ratesAt } from './optimizer.js';
import { createRunner, declare, PARAMETER, type StepRunner, type TrainState } from './runner.js';
import { learningRateAt } from './schedule.js';
import { fromCheckpoint, toCheckpoint, type Position } from './trainingState.js';

/** Seeds of dropout are apart by this much from step to step: more than a network has dropouts. */
const STREAMS_PER_STEP = 1024;

/** What does not change during a training. */
interface Plan {
  readonly request: TrainRequest;
  readonly rows: Int32Array;
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly steps: number;
  readonly totalWeight: number;
  /** Batch size × mean weight of the rows that have one. */
  readonly divisor: number;
}

/**
 * The training loop.
 *
 * @param predict for the training dynamics
 * @param now milliseconds, for samples per second
 * @throws DivergedError when the loss or a parameter is not finite
 * @throws CancelledError between two steps, when the signal says so
 */
export async function train(
  backend: Backend,
  request: TrainRequest,
  { trace, predict, now }: { trace: boolean; predict: Engine['predict']; now: () => number },
): Promise<TrainResult> {
  const plan = planOf(request);
  const declared = declare(request.parameters, request);
  const resumed = request.resumeFrom && fromCheckpoint(request.resumeFrom, declared);
  let position: Position = resumed?.position ?? START;
  backend.activate();
  const runner = createRunner(
    backend,
    request.parameters,
    request,
    resumed?.state ?? firstState(request),
    trace,
  );
  try {
    const pace = createPace(now, plan.batchSize);
    while (position.epoch < request.epochs && !outOfPatience(position, request)) {
      position = await runEpoch(backend, plan, runner, position, pace);
      position = await endEpoch(backend, plan, runner, position, predict);
    }
    const state = runner.state();
    const parameters = request.parameters.map(({ name, shape }): Tensor => {
      const data = position.best?.parameters.get(name) ?? state.get(`${PARAMETER}/${name}`)!;
      return { name, shape, data };
    });
    return { parameters, epochs: position.epoch, history: historyOf(plan, position), traced: runner.traced };
  } finally {
    backend.activate();
    runner.dispose();
  }
}

const START: Position = {
  ...{ epoch: 0, batch: 0, step: 0, lossSoFar: 0, losses: [], qualities: [] },
  best: undefined,
};

function historyOf({ request, batchesPerEpoch, steps }: Plan, position: Position): TrainingHistory {
  const { losses, qualities, best, epoch: last } = position;
  const rates = losses.map((_, epoch) =>
    learningRateAt((epoch + 1) * batchesPerEpoch - 1, steps, request.optimizer),
  );
  return { losses, qualities, rates, kept: best ? best.epoch + 1 : last };
}

function planOf(request: TrainRequest): Plan {
  const rows = weightedRows(request.sampleWeights);
  if (rows.length === 0) throw new RangeError('expected a row of positive weight, got none');
  const batchSize = Math.min(request.batchSize, rows.length);
  const batchesPerEpoch = Math.ceil(rows.length / batchSize);
  const totalWeight = rows.reduce((sum, row) => sum + request.sampleWeights[row]!, 0);
  const divisor = (batchSize * totalWeight) / rows.length;
  return {
    request,
    rows,
    batchSize,
    batchesPerEpoch,
    steps: batchesPerEpoch * request.epochs,
    totalWeight,
    divisor,
  };
}

const firstState = ({ parameters }: TrainRequest): TrainState =>
  new Map(parameters.map(({ name, data }) => [`${PARAMETER}/${name}`, data as Float32Array]));

const outOfPatience = ({ best, epoch }: Position, { patience }: TrainRequest): boolean =>
  best !== undefined && patience !== undefined && epoch - 1 - best.epoch >= patience;

/** The rest of an epoch's steps. */
async function runEpoch(
  backend: Backend,
  plan: Plan,
  runner: StepRunner,
  start: Position,
  pace: Pace,
): Promise<Position> {
  const { request, batchesPerEpoch, divisor, totalWeight } = plan;
  const { sinks } = request;
  const order = epochOrder(plan.rows, request.seed, start.epoch);
  let position = start;
  while (position.batch < batchesPerEpoch) {
    if (sinks?.signal?.aborted) throw new CancelledError(`training stopped at step ${position.step}`);
    backend.activate();
    const loss = runner.step(feedsOf(plan, order, position));
    if (!Number.isFinite(loss)) throw diverged(`loss is ${loss}`, position);
    position = {
      ...position,
      batch: position.batch + 1,
      step: position.step + 1,
      lossSoFar: position.lossSoFar + (loss * divisor) / totalWeight,
    };
    sinks?.progress?.({
      done: position.step,
      total: plan.steps,
      unit: 'steps',
      figures: { epoch: position.epoch + 1, loss: loss, samplesPerSecond: pace.step() },
    });
    await sinks?.breathe?.();
    if (sinks?.checkpoint?.due()) await save(plan, runner, position);
  }
  return position;
}

function feedsOf(
  plan: Plan,
  order: Int32Array,
  { batch, step }: Position,
): Parameters<StepRunner['step']>[0] {
  const { request, batchSize, divisor, steps } = plan;
  const { batches, sampleWeights, seed, optimizer } = request;
  const rows = order.subarray(batch * batchSize, (batch + 1) * batchSize);
  return {
    ...readMinibatch(batches, rows, batchSize, sampleWeights, divisor, seed, `engine.step.${step}`),
    seed: Int32Array.of(seed, step * STREAMS_PER_STEP),
    rates: ratesAt(step, steps, optimizer),
  };
}

async function save({ request }: Plan, runner: StepRunner, position: Position): Promise<void> {
  const state = runner.state();
  for (const [name, values] of state) {
    // A checkpoint from which training can't go on must not take the place of a good one.
    if (!values.every(Number.isFinite)) throw diverged(`${name} is not finite`, position);
  }
  await request.sinks!.checkpoint!.save(toCheckpoint(position, state, declare(request.parameters, request)));
}

const diverged = (what: string, { epoch, step }: Position): DivergedError =>
  new DivergedError(
    `training: ${what} at step ${step} (epoch ${epoch + 1}): lower learningRate, or set clipNorm; the last good checkpoint is kept`,
  );

/** Judges the parameters, tells the dynamics, and goes on to the next epoch. */
async function endEpoch(
  backend: Backend,
  { request }: Plan,
  runner: StepRunner,
  position: Position,
  predict: Engine['predict'],
): Promise<Position> {
  const { judge, sinks, network, batches, batchSize } = request;
  const losses = [...position.losses, position.lossSoFar];
  const next = { ...position, epoch: position.epoch + 1, batch: 0, lossSoFar: 0, losses };
  const isMilestone = sinks?.milestones?.due(next.epoch) === true;
  if (!judge && !sinks?.dynamics && !isMilestone) return next;
  const parameters = parametersOf(runner.state(), request.parameters);
  if (isMilestone) sinks?.milestones?.reached({ epoch: next.epoch, tensors: parameters });
  sinks?.dynamics?.(next.epoch, predict(network, parameters, batches, batchSize));
  if (!judge) return next;
  const value = await judge(parameters, position.epoch);
  backend.activate();
  const judged = { ...next, qualities: [...position.qualities, value] };
  if (position.best && !(value > position.best.value)) return judged;
  const best = new Map(parameters.map(({ name, data }) => [name, data as Float32Array]));
  return { ...judged, best: { epoch: position.epoch, value, parameters: best } };
}

const parametersOf = (state: TrainState, like: readonly Tensor[]): Tensor[] =>
  like.map(({ name, shape }) => ({ name, shape, data: state.get(`${PARAMETER}/${name}`)! }));

interface Pace {
  /** Rows per second since the first call, after one more step. */
  step(): number;
}

function createPace(now: () => number, batchSize: number): Pace {
  const start = now();
  let rows = 0;
  return {
    step() {
      rows += batchSize;
      return Math.round((rows * 1000) / Math.max(1, now() - start));
    },
  };
}

import { CancelledError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';
import {
  classProblem,
  compact,
  expand,
  presentClasses,
  type ClassProblem,
  type LinearTraining,
} from './classes.js';
import { newtonIteration, objectivesAt } from './newton.js';
import { emptyParameters, tensorOf, type LinearParameters, type Scheme } from './parameters.js';
import { groupsOf, priorParameters } from './problem.js';
import { warmUp } from './warmUp.js';

export interface LinearSettings {
  readonly C: number; // scikit-learn's: minimise ½‖W‖² + C·Σ wᵢℓᵢ
  readonly scheme: Scheme;
  /** Stops after a step that lowers the objective by no more than this share; from .01 on perhaps before any step. */
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly patience?: number | undefined; // iterations without a better `judge`; undefined: to the tolerance
}

/** A fit between two iterations, whole. */
export interface LinearState {
  readonly theta: Float64Array;
  readonly iteration: number;
  readonly open: Uint8Array; // groups of the problem that are not done
  readonly best?: BestSoFar | undefined;
}

interface BestSoFar {
  readonly theta: Float64Array;
  readonly quality: number;
  readonly iteration: number;
}

/** Where a fit stands after an iteration. */
export interface LinearStep {
  readonly iteration: number;
  readonly objective: number;
  readonly gradient?: number; // not known where a fit ends in its warm-up
  readonly model: () => LinearParameters;
  readonly state: () => LinearState;
}

export interface LinearHooks {
  readonly start?: LinearParameters | undefined; // warm start
  readonly resume?: LinearState | undefined;
  /** Quality of a model on held-out rows, higher is better. */
  readonly judge?: ((model: LinearParameters) => number) | undefined;
  readonly onStep?: (step: LinearStep) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fits to the optimum within the tolerance, which is unique: start and resumption change only the time it takes. With
 * `patience` and `judge`, the best model on the way.
 *
 * @throws CancelledError between products with the Hessian, when the signal says so
 * @throws DivergedError if the loss is not finite
 */
export async function fitLinear(
  training: LinearTraining,
  settings: LinearSettings,
  hooks: LinearHooks = {},
): Promise<LinearParameters> {
  const classes = classProblem(training, settings.C, settings.scheme);
  if (!classes) return constantModel(training, settings.scheme);
  const { workspace } = classes.problem;
  try {
    let state = hooks.resume ?? (await firstState(classes, settings, hooks));
    while (state.open.includes(1) && state.iteration < settings.maxIterations) {
      state = await iterate(classes, state, settings, hooks);
      if (stoppedEarly(state, settings)) break;
    }
    return expand(classes, state.best?.theta ?? state.theta);
  } finally {
    workspace.release();
  }
}

async function firstState(
  classes: ClassProblem,
  { tolerance }: LinearSettings,
  { start, signal, onStep }: LinearHooks,
): Promise<LinearState> {
  const { problem } = classes;
  const open = new Uint8Array(groupsOf(problem)).fill(1);
  if (start) return { theta: compact(classes, start), iteration: 0, open };
  const theta = priorParameters(problem);
  const isDone = warmUp(problem, theta, { tolerance, onEpoch: throwIfAborted(signal, 0) });
  if (!isDone) return { theta, iteration: 0, open };
  const state = { theta, iteration: 1, open: open.fill(0) };
  if (onStep) {
    const objective = objectivesAt(problem, theta).reduce((sum, value) => sum + value, 0);
    await onStep({ iteration: 1, objective, model: () => expand(classes, theta), state: () => state });
  }
  return state;
}

const throwIfAborted = (signal: AbortSignal | undefined, iteration: number) => (): void => {
  if (signal?.aborted) throw new CancelledError(`fit stopped at iteration ${iteration}`);
};

async function iterate(
  classes: ClassProblem,
  state: LinearState,
  settings: LinearSettings,
  { judge, onStep, signal }: LinearHooks,
): Promise<LinearState> {
  const theta = state.theta.slice();
  const onProduct = throwIfAborted(signal, state.iteration);
  onProduct();
  const { objective, gradient, open, moved } = newtonIteration(classes.problem, theta, {
    tolerance: settings.tolerance,
    open: state.open,
    onProduct,
  });
  if (!moved) return { ...state, open };
  const iteration = state.iteration + 1;
  const model = lazily(() => expand(classes, theta));
  const best =
    judge && settings.patience !== undefined
      ? better(state.best, theta, judge(model()), iteration)
      : undefined;
  const next = { theta, iteration, open, best };
  await onStep?.({ iteration, objective, gradient, model, state: () => next });
  return next;
}

function better(
  best: BestSoFar | undefined,
  theta: Float64Array,
  quality: number,
  iteration: number,
): BestSoFar {
  return best && best.quality >= quality ? best : { theta, quality, iteration };
}

const stoppedEarly = ({ best, iteration }: LinearState, { patience }: LinearSettings): boolean =>
  patience !== undefined && best !== undefined && iteration - best.iteration >= patience;

export function constantModel(
  training: LinearTraining<{ readonly cols: number }>,
  scheme: Scheme,
): LinearParameters {
  const model = emptyParameters(scheme, training.matrix.cols, training.outputs);
  const present = presentClasses(training);
  if (present.length === 0) throw new RangeError('expected a row of positive weight, got none');
  model.intercept[present[0]!] = 0;
  return model;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** A state as named arrays, in double precision. */
export function stateTensors({ theta, iteration, open, best }: LinearState): Tensor[] {
  const position = Float64Array.of(iteration, best?.quality ?? Number.NaN, best?.iteration ?? -1);
  const tensors = [
    { name: 'theta', shape: [theta.length], data: theta },
    { name: 'open', shape: [open.length], data: Int32Array.from(open) },
    { name: 'position', shape: [position.length], data: position },
  ];
  return best ? [...tensors, { name: 'best', shape: [best.theta.length], data: best.theta }] : tensors;
}

/** @throws StoreError if the tensors are not those of {@link stateTensors} */
export function stateFromTensors(tensors: readonly Tensor[]): LinearState {
  const [iteration, quality, bestIteration] = tensorOf(tensors, 'position').data as Float64Array;
  const theta = Float64Array.from(tensorOf(tensors, 'theta').data);
  const open = Uint8Array.from(tensorOf(tensors, 'open').data);
  const state = { theta, iteration: iteration!, open };
  if (bestIteration! < 0) return state;
  const best = {
    theta: Float64Array.from(tensorOf(tensors, 'best').data),
    quality: quality!,
    iteration: bestIteration!,
  };
  return { ...state, best };
}

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
import { newtonIteration } from './newton.js';
import { emptyParameters, tensorOf, type LinearParameters, type Scheme } from './parameters.js';
import { priorParameters } from './problem.js';

export interface LinearSettings {
  readonly C: number; // scikit-learn's: minimise ½‖W‖² + C·Σ wᵢℓᵢ
  readonly scheme: Scheme;
  readonly tolerance: number; // largest derivative of the objective over Σw
  readonly maxIterations: number;
  readonly patience?: number | undefined; // iterations without a better `judge`; undefined: to the tolerance
}

/** A fit between two iterations, whole. */
export interface LinearState {
  readonly theta: Float64Array;
  readonly iteration: number;
  readonly ahead: number; // strengths still to pass before C's turn; −1 = done
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
  readonly gradient: number;
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
    let state = hooks.resume ?? firstState(classes, settings, hooks.start);
    while (state.ahead >= 0 && state.iteration < settings.maxIterations) {
      state = await iterate(classes, state, settings, hooks);
      if (stoppedEarly(state, settings)) break;
    }
    return expand(classes, state.best?.theta ?? state.theta);
  } finally {
    workspace.release();
  }
}

/**
 * From nothing, weaker and weaker regularisation is passed on the way to C, an iteration each: Newton steps of the
 * stronger are better than those of the weaker.
 */
function firstState(classes: ClassProblem, { C }: LinearSettings, start?: LinearParameters): LinearState {
  if (start) return { theta: compact(classes, start), iteration: 0, ahead: 0 };
  const ahead = Math.max(0, Math.ceil(Math.log(C / FIRST_STRENGTH) / Math.log(STRENGTH_RATIO)));
  return { theta: priorParameters(classes.problem), iteration: 0, ahead };
}

const FIRST_STRENGTH = 0.25;
const STRENGTH_RATIO = 2;

async function iterate(
  classes: ClassProblem,
  state: LinearState,
  settings: LinearSettings,
  { judge, onStep, signal }: LinearHooks,
): Promise<LinearState> {
  const problem = { ...classes.problem, penalty: classes.problem.penalty * STRENGTH_RATIO ** state.ahead };
  const theta = state.theta.slice();
  const throwIfAborted = (): void => {
    if (signal?.aborted) throw new CancelledError(`fit stopped at iteration ${state.iteration}`);
  };
  throwIfAborted();
  const { objective, gradient, converged } = newtonIteration(problem, theta, {
    tolerance: settings.tolerance,
    onProduct: throwIfAborted,
  });
  if (converged) return { ...state, ahead: state.ahead - 1 };
  const iteration = state.iteration + 1;
  const model = lazily(() => expand(classes, theta));
  const best =
    judge && settings.patience !== undefined
      ? better(state.best, theta, judge(model()), iteration)
      : undefined;
  const next = { theta, iteration, ahead: Math.max(0, state.ahead - 1), best };
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

function constantModel(training: LinearTraining, scheme: Scheme): LinearParameters {
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
export function stateTensors({ theta, iteration, ahead, best }: LinearState): Tensor[] {
  const position = Float64Array.of(iteration, ahead, best?.quality ?? Number.NaN, best?.iteration ?? -1);
  const tensors = [
    { name: 'theta', shape: [theta.length], data: theta },
    { name: 'position', shape: [position.length], data: position },
  ];
  return best ? [...tensors, { name: 'best', shape: [best.theta.length], data: best.theta }] : tensors;
}

/** @throws StoreError if the tensors are not those of {@link stateTensors} */
export function stateFromTensors(tensors: readonly Tensor[]): LinearState {
  const [iteration, ahead, quality, bestIteration] = tensorOf(tensors, 'position').data as Float64Array;
  const theta = Float64Array.from(tensorOf(tensors, 'theta').data);
  const state = { theta, iteration: iteration!, ahead: ahead! };
  if (bestIteration! < 0) return state;
  const best = {
    theta: Float64Array.from(tensorOf(tensors, 'best').data),
    quality: quality!,
    iteration: bestIteration!,
  };
  return { ...state, best };
}

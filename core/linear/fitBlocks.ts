import { CancelledError } from '../../contracts/errors.js';
import type { BlockMatrix } from '../../contracts/matrix.js';
import { gatherBlocks, selectBlockRows } from '../blockMatrix.js';
import { blockNewtonStep } from './blockNewton.js';
import { type BlockProblem, evaluate } from './blockProblem.js';
import { type ClassProblem, compact, expand, type LinearTraining, overClasses } from './classes.js';
import { constantModel, fitLinear, type LinearHooks, type LinearSettings, type LinearState } from './fit.js';
import type { LinearParameters } from './parameters.js';
import { groupsOf, priorParameters } from './problem.js';

export interface BlockSettings extends Omit<LinearSettings, 'patience'> {
  /** Of the sample that a fit begins with. @default 4,194,304 */
  readonly sampleEntries?: number;
}

export interface BlockHooks extends Pick<LinearHooks, 'start' | 'resume' | 'onStep' | 'signal'> {
  /** Called before every block, so that others get their turn. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

const SAMPLE_ENTRIES = 2 ** 22;
/** The optimum of a sample is near that of all rows, no more. */
const SAMPLE_TOLERANCE = 0.01;

/**
 * The optimum that `fitLinear` finds, of rows that come as blocks: full passes over all of them, one block in memory at a
 * time. Beside it memory holds a target and a share a row, and some 100 bytes a parameter. It begins at the optimum of a
 * sample of rows, evenly spaced, which is fitted in memory. The same blocks and settings give the same bits, resumed or not.
 *
 * @throws CancelledError between two blocks, when the signal says so
 * @throws DivergedError if the loss is not finite
 */
export async function fitBlocks(
  training: LinearTraining<BlockMatrix>,
  settings: BlockSettings,
  hooks: BlockHooks = {},
): Promise<LinearParameters> {
  const classes = overClasses(training, settings.scheme, (targets) => {
    const total = training.sampleWeights.reduce((sum, weight) => sum + weight, 0);
    return {
      ...{ ...targets, matrix: training.matrix, penalty: 1 / (settings.C * total) },
      shares: training.sampleWeights.map((weight) => weight / total),
    };
  });
  if (!classes) return constantModel(training, settings.scheme);
  const { problem } = classes;
  const onBlock = async (): Promise<void> => {
    await hooks.breathe?.();
    if (hooks.signal?.aborted) throw new CancelledError(`fit stopped at iteration ${state?.iteration ?? 0}`);
  };
  let state: LinearState | undefined;
  state = hooks.resume ?? (await firstState(classes, training, settings, hooks));
  let point = await evaluate(problem, state.theta, onBlock);
  while (state.open.includes(1) && state.iteration < settings.maxIterations) {
    const asked = { tolerance: settings.tolerance, open: state.open, onBlock };
    const step = await blockNewtonStep(problem, point, asked);
    const objective = point.objectives.reduce((sum, value) => sum + value, 0);
    const gradient = point.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    point = step.point;
    if (!step.moved) break;
    const next: LinearState = { theta: point.theta, iteration: state.iteration + 1, open: step.open };
    state = next;
    await hooks.onStep?.({
      ...{ iteration: next.iteration, objective, gradient },
      model: () => expand(classes, next.theta),
      state: () => next,
    });
  }
  return expand(classes, state.theta);
}

async function firstState(
  classes: ClassProblem<BlockProblem>,
  training: LinearTraining<BlockMatrix>,
  settings: BlockSettings,
  { start, signal }: BlockHooks,
): Promise<LinearState> {
  const open = new Uint8Array(groupsOf(classes.problem)).fill(1);
  const model = start ?? (await fitSample(training, settings, signal));
  const theta = model ? compact(classes, model) : priorParameters(classes.problem);
  return { theta, iteration: 0, open };
}

/** The model of every k-th row, with the penalty that all rows have; none where these have no weight. */
async function fitSample(
  { matrix, targets, sampleWeights, outputs }: LinearTraining<BlockMatrix>,
  { sampleEntries = SAMPLE_ENTRIES, ...settings }: BlockSettings,
  signal: AbortSignal | undefined,
): Promise<LinearParameters | undefined> {
  const every = Math.max(1, Math.ceil(matrix.entries / sampleEntries));
  const rows = Int32Array.from({ length: Math.ceil(matrix.rows / every) }, (_, i) => i * every);
  const weights = Float64Array.from(rows, (row) => sampleWeights[row]!);
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  if (sum(weights) === 0) return undefined;
  const sample = {
    matrix: gatherBlocks(selectBlockRows(matrix, rows)),
    targets: rows.map((row) => targets[row]!),
    outputs,
    sampleWeights: weights,
  };
  const C = (settings.C * sum(sampleWeights)) / sum(weights);
  const tolerance = Math.max(settings.tolerance, SAMPLE_TOLERANCE);
  return fitLinear(sample, { ...settings, C, tolerance }, { signal });
}

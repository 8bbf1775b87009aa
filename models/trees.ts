import { z } from 'zod';
import { CancelledError, ConfigError, StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { FitOptions, FittedModel, Model, ModelInput, TrainingSet } from '../contracts/model.js';
import { rankBoosting } from '../core/trees/rankBoosting.js';
import { boosting, type EarlierTrees } from '../core/trees/boosting.js';
import { cartGrower } from '../core/trees/cart.js';
import { presentRows } from '../core/trees/classes.js';
import { columnTable, eachRow, isFeatureInput, type FeatureInput } from '../core/trees/columns.js';
import {
  ensembleFrom,
  ensembleLogits,
  ensembleTensors,
  logitsOfSums,
  repeated,
  sumsOf,
  type Ensemble,
} from '../core/trees/ensemble.js';
import { growForestTree } from '../core/trees/forest.js';
import { addLeaf, type Tree } from '../core/trees/tree.js';
import { qualityOf, queriesOf } from './trainingRows.js';

/** Parameters of the tree models. */
export const TreesParams = z.strictObject({
  kind: z
    .enum(['histogramGradientBoosting', 'randomForest', 'bagging'])
    .default('histogramGradientBoosting')
    .describe('bagging: a random forest that tries every feature at each split'),
  trees: z
    .int()
    .positive()
    .default(100)
    .describe('of a forest; of boosting the iterations, each with a tree a class (one for two classes)'),
  minSamplesLeaf: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('least sum of sample weights in a leaf; null: 20 in boosting, 1 in forests'),
  maxDepth: z.int().positive().nullable().default(null).describe('null: no limit'),
  maxLeaves: z.int().min(2).default(31).describe('of a tree in boosting'),
  learningRate: z.number().positive().max(1).default(0.1).describe('of boosting'),
  l2: z.number().nonnegative().default(1).describe('of boosting: added to the hessian of a leaf'),
  maxFeatures: z
    .union([z.enum(['sqrt', 'all']), z.int().positive()])
    .default('sqrt')
    .describe('features that a random forest tries at each split'),
  criterion: z.enum(['gini', 'entropy']).default('gini').describe('of forests'),
  categorical: z
    .array(z.int().nonnegative())
    .default([])
    .describe('numbers of the features whose values are codes of categories, 0 to 254, not magnitudes'),
  earlyStopping: z
    .strictObject({ patience: z.int().positive().default(20).describe('iterations without better accuracy') })
    .nullable()
    .default({ patience: 20 })
    .describe(
      'of boosting: keep the most accurate iteration on the evaluation rows, where the fit is given some',
    ),
});
export type TreesParams = z.infer<typeof TreesParams>;

/** Random forests, bagging and gradient boosting of decision trees, in plain TypeScript; NaN is a missing value. */
export const trees: Model<TreesParams> = {
  name: 'trees',
  input: 'sparse',
  paramsSchema: TreesParams,
  losses: ['crossEntropy', 'rankNet', 'lambdaRank'],
  regularisation: { param: 'minSamplesLeaf', grid: [200, 80, 30, 10, 3] },
  search: ({ kind }) =>
    kind === 'histogramGradientBoosting'
      ? {
          learningRate: { from: 0.03, to: 0.3, scale: 'log', integer: false },
          maxLeaves: { from: 8, to: 64, scale: 'log', integer: true },
          l2: { from: 0.1, to: 10, scale: 'log', integer: false },
        }
      : { maxDepth: [null, 8, 16], criterion: ['gini', 'entropy'], maxFeatures: ['sqrt', 'all'] },
  goesOn: ({ kind }) => kind === 'histogramGradientBoosting',
  async fit(training, params, options) {
    const from = options.goOnFrom && goneOnFrom(options.goOnFrom, params);
    const grown = restored(options, from?.trees);
    const source = sourceOf(training, params, options.seed, {
      trees: grown.trees,
      ...(from ? { baseline: from.baseline } : {}),
    });
    const { best } = await grow(source, training, params, options, grown);
    const ensemble = { ...source.start, trees: best.trees };
    const earlier = from?.trees.length ?? 0;
    return { ...fitted(ensemble), staged: (input) => stagedLogits(ensemble, earlier, best.iteration, input) };
  },
  load: (tensors) => fitted(ensembleFrom(tensors)),
};

const fitted = (ensemble: Ensemble): FittedModel => ({
  predictLogits: (input) => ensembleLogits(ensemble, features(input)),
  tensors: () => ensembleTensors(ensemble),
});

function features(input: ModelInput): FeatureInput {
  if (isFeatureInput(input)) return input;
  throw new ConfigError(
    `model trees: expected sparse or dense features, got ${input.kind}; choose another model`,
  );
}

/** @throws ConfigError of a forest: its trees are each grown on all rows, and new ones would only be voted down */
function goneOnFrom(tensors: readonly Tensor[], { kind }: TreesParams): Ensemble {
  if (kind === 'histogramGradientBoosting') return ensembleFrom(tensors);
  throw new ConfigError(
    `model trees: ${kind} can't go on from an earlier fit; take histogramGradientBoosting, or train anew`,
  );
}

/** Where the trees come from, one iteration after the other. */
interface Source {
  readonly start: Ensemble; // without trees
  next(iteration: number): Tree[];
}

function sourceOf(training: TrainingSet, params: TreesParams, seed: number, earlier: EarlierTrees): Source {
  const input = features(training.input);
  const present = presentRows(input.matrix.rows, training);
  const shared = { features: input.matrix.cols, outputs: training.outputs, trees: [] };
  const maxDepth = params.maxDepth ?? Infinity;
  if (params.kind === 'histogramGradientBoosting') {
    const settings = { ...params, maxDepth, minSamplesLeaf: params.minSamplesLeaf ?? 20 };
    const { loss = { kind: 'crossEntropy' } } = training;
    if (loss.kind === 'crossEntropy') {
      const { baseline, iterate } = boosting(input, present, settings, earlier);
      return { start: { ...shared, combination: 'sum', baseline }, next: iterate };
    }
    const queries = present.rows.map((row) => queriesOf(training)[row]!);
    const { baseline, iterate } = rankBoosting(input, present, queries, loss, settings, earlier);
    return { start: { ...shared, combination: 'score', baseline }, next: iterate };
  }
  if (training.loss && training.loss.kind !== 'crossEntropy') {
    throw new ConfigError(
      `model trees: ${params.kind} can't be trained by ${training.loss.kind}; take histogramGradientBoosting, or task.loss: pointwise`,
    );
  }
  const table = columnTable(input, present.rows, params.categorical);
  const grower = cartGrower(table, present.targets, training.outputs);
  const settings = {
    criterion: params.criterion,
    maxDepth,
    minSamplesLeaf: params.minSamplesLeaf ?? 1,
    maxFeatures: featuresTried(params, shared.features),
    randomTies: true,
  };
  const baseline = new Float64Array(shared.outputs).fill(-Math.log(shared.outputs));
  return {
    start: { ...shared, combination: 'mean', baseline },
    next: (iteration) => [growForestTree(grower, present.weights, settings, seed, iteration)],
  };
}

function featuresTried({ kind, maxFeatures }: TreesParams, d: number): number {
  if (kind === 'bagging' || maxFeatures === 'all') return d;
  return maxFeatures === 'sqrt' ? Math.max(1, Math.floor(Math.sqrt(d))) : maxFeatures;
}

/** What a fit has reached. */
interface Grown {
  readonly iteration: number;
  readonly trees: readonly Tree[];
  readonly best: { readonly iteration: number; readonly quality: number; readonly trees: readonly Tree[] };
}

async function grow(
  { start, next }: Source,
  training: TrainingSet,
  params: TreesParams,
  { evaluation, sinks }: FitOptions,
  from: Grown,
): Promise<Grown> {
  const stopping = params.kind === 'histogramGradientBoosting' && evaluation ? params.earlyStopping : null;
  const judged = evaluation && stopping ? watch(start, features(evaluation.input), from.trees) : undefined;
  const seen = sinks?.dynamics && watch(start, features(training.input), from.trees);
  let grown = from;
  while (grown.iteration < params.trees && !stoppedEarly(grown, stopping)) {
    if (sinks?.signal?.aborted) throw new CancelledError(`fit stopped at iteration ${grown.iteration}`);
    const added = next(grown.iteration);
    judged?.add(added);
    seen?.add(added);
    const quality = judged && evaluation ? qualityOf(evaluation, judged.logits()) : NaN;
    grown = advanced(grown, added, quality);
    const { iteration } = grown;
    await sinks?.breathe?.();
    const figures = judged ? { accuracy: quality } : {};
    sinks?.progress?.({ done: iteration, total: params.trees, unit: 'iterations', figures });
    if (seen) sinks?.dynamics?.(iteration, seen.logits());
    if (sinks?.checkpoint?.due()) {
      await sinks.checkpoint.save({ position: iteration, tensors: checkpointTensors(start, grown) });
    }
  }
  return grown;
}

const stoppedEarly = ({ iteration, best }: Grown, stopping: TreesParams['earlyStopping']): boolean =>
  stopping !== null && iteration - best.iteration >= stopping.patience;

/** Without a judge (a quality of NaN) the last iteration is the best. */
function advanced({ iteration, trees, best }: Grown, added: readonly Tree[], quality: number): Grown {
  const now = { iteration: iteration + 1, trees: [...trees, ...added] };
  return { ...now, best: quality <= best.quality ? best : { ...now, quality } };
}

/** Logits of some rows, kept up with the trees. */
function watch(start: Ensemble, input: FeatureInput, trees: readonly Tree[]) {
  const { combination, baseline } = start;
  const width = sumsOf(start);
  const sums = repeated(combination === 'sum' ? baseline : new Float64Array(width), input.matrix.rows);
  let count = 0;
  const add = (more: readonly Tree[]): void => {
    count += more.length;
    eachRow(input, (values, row) => {
      for (const tree of more) addLeaf(tree, values, sums, row * width);
    });
  };
  add(trees);
  return {
    add,
    logits: () => logitsOfSums(start, sums, count),
  };
}

/** Logits of some rows after each iteration. */
function* stagedLogits(
  { trees: all, ...start }: Ensemble,
  earlier: number,
  iterations: number,
  input: ModelInput,
): Generator<Float64Array> {
  const seen = watch({ ...start, trees: [] }, features(input), all.slice(0, earlier));
  const each = (all.length - earlier) / Math.max(1, iterations); // as many in every iteration
  for (let done = 0; done < iterations; done++) {
    seen.add(all.slice(earlier + done * each, earlier + (done + 1) * each));
    yield seen.logits();
  }
}

const POSITION = 'position';

function checkpointTensors(start: Ensemble, { iteration, trees: all, best }: Grown): Tensor[] {
  const position = Float64Array.of(iteration, best.iteration, best.quality, best.trees.length);
  return [
    { name: POSITION, shape: [position.length], data: position },
    ...ensembleTensors({ ...start, trees: all }),
  ];
}

/** @param earlier trees below those of this fit @throws StoreError if the checkpoint has no position */
function restored({ resumeFrom }: FitOptions, earlier: readonly Tree[] = []): Grown {
  if (!resumeFrom) {
    const best = { iteration: 0, quality: -Infinity, trees: earlier };
    return { iteration: 0, trees: earlier, best };
  }
  const position = resumeFrom.tensors.find(({ name }) => name === POSITION)?.data;
  if (!position) throw new StoreError('trees: expected a checkpoint with a tensor position, got none');
  const { trees: all } = ensembleFrom(resumeFrom.tensors);
  const best = { iteration: position[1]!, quality: position[2]!, trees: all.slice(0, position[3]) };
  return { iteration: position[0]!, trees: all, best };
}

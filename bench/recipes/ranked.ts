import type { Loss } from '../../contracts/model.js';
import { nearDuplicateClusters } from '../../core/duplicates/nearDuplicates.js';
import { queryFolds } from '../../core/importance/index.js';
import { taskOf } from '../../core/tasks/index.js';
import { lambdarankSample } from '../../datasets/lambdarankSample.js';
import { pricerunnerRelevance } from '../../datasets/pricerunnerRelevance.js';
import { linear } from '../../models/linear.js';
import { trees } from '../../models/trees.js';
import { baselineLogits, type BaselineJob, type Side } from './baseline.js';
import { classFigure, meanFigure, type Line } from './paired.js';
import { BOOSTED, cellsOf, featuresOf, readSet, rowsOf, trainingOf, where, type RecipeSet } from './set.js';

const RELEVANCE = taskOf({ name: 'ranking', grades: { Irrelevant: 0, Partial: 1, Exact: 2 } });
const GRADED = taskOf('ranking');

type Features = ReturnType<typeof featuresOf>;

/** Graded rows of queries. */
interface Graded {
  readonly set: RecipeSet;
  readonly features: Features;
  readonly targets: Int32Array;
  readonly outputs: number;
}

/** How our model is fitted. */
interface Arm {
  readonly name: string;
  readonly fit: typeof boost;
}

async function boost(graded: Graded, rows: Int32Array, loss?: Loss) {
  return trees.fit(queriesOf(graded, rows, loss), trees.paramsSchema.parse(BOOSTED), { seed: 42 });
}

const queriesOf = (graded: Graded, rows: Int32Array, loss?: Loss) => ({
  ...trainingOf(graded, rows),
  groups: rows.map((row) => graded.set.queries[row]!),
  ...(loss ? { loss } : {}),
});

const STRENGTHS = [0.001, 0.004, 0.016, 0.0625, 0.25, 1, 4];

const meritsOf = (
  { targets, outputs, set }: Graded,
  heldOut: Int32Array,
  values: Float64Array,
): Float64Array =>
  GRADED.merit(
    {
      targets: heldOut.map((row) => targets[row]!),
      groups: heldOut.map((row) => set.queries[row]!),
      logits: { rows: heldOut.length, cols: outputs, values },
    },
    'ndcg@10',
  );

/** `linear` at the strength that five folds of training and validation queries like best. */
async function tunedLinear(graded: Graded): Promise<Arm> {
  const fitAt =
    (C: number): Arm['fit'] =>
    async (of, rows) =>
      linear.fit(queriesOf(of, rows), linear.paramsSchema.parse({ C }), { seed: 42 });
  const rows = where(graded.set.split, 0, 1);
  const own = (values: Int32Array): Int32Array => rows.map((row) => values[row]!);
  const [targets, queries, clusters] = [own(graded.targets), own(graded.set.queries), rows];
  const folds = queryFolds({ targets, queries, clusters, folds: 5, seed: 42 });
  let best = { value: -Infinity, C: NaN };
  for (const C of STRENGTHS) {
    const merits: number[] = [];
    for (const { training, heldOut } of folds) {
      const [learned, judged] = [training, heldOut].map((some) => some.map((at) => rows[at]!));
      const model = await fitAt(C)(graded, learned!);
      merits.push(...meritsOf(graded, judged!, model.predictLogits(rowsOf(graded.features, judged!))));
    }
    const value = merits.reduce((sum, one) => sum + one, 0) / merits.length;
    if (value > best.value) best = { value, C };
  }
  return { name: `linear, C ${String(best.C)}, numbers in their query`, fit: fitAt(best.C) };
}

async function ranked(
  recipe: string,
  graded: Graded,
  job: BaselineJob,
  sides: readonly Side[],
  arms: readonly Arm[],
): Promise<Line[]> {
  const theirs = baselineLogits(job, graded.targets, sides);
  const merits = ({ heldOut }: Side, values: Float64Array): Float64Array => meritsOf(graded, heldOut, values);
  const baseline = Float64Array.from(sides.flatMap((side, i) => [...merits(side, theirs[i]!)]));
  const lines: Line[] = [];
  for (const { name, fit } of arms) {
    const parts: number[] = [];
    for (const side of sides) {
      const model = await fit(graded, side.training);
      parts.push(...merits(side, model.predictLogits(rowsOf(graded.features, side.heldOut))));
    }
    lines.push({
      ...{ recipe, metric: 'NDCG@10', groups: Int32Array.from(parts.keys()) },
      ours: meanFigure(Float64Array.from(parts)),
      theirs: meanFigure(baseline),
      how: `\`${name}\`; HistGradientBoosting, expected gain`,
    });
  }
  return lines;
}

async function relevanceGround(): Promise<{ graded: Graded; job: BaselineJob }> {
  const set = await readSet(pricerunnerRelevance);
  const { codes: targets, classes } = RELEVANCE.encode(set.targets);
  const features = featuresOf(set, where(set.split, 0), pricerunnerRelevance.preset.features);
  const job: BaselineJob = { kind: 'pairs', pairs: [[cellsOf(set, 'query'), cellsOf(set, 'title')]] };
  return { graded: { set, features, targets, outputs: classes.length }, job };
}

const TREES: Arm = { name: 'trees', fit: boost };

/** Test queries, then five folds over all queries, held-out titles' duplicates purged from training. */
export async function relevance(): Promise<Line[]> {
  const { graded, job } = await relevanceGround();
  const { set, targets } = graded;
  const test = { training: where(set.split, 0), heldOut: where(set.split, 2) };
  const clusters = nearDuplicateClusters(cellsOf(set, 'title').map(String), 0.9);
  const folds = queryFolds({ targets, queries: set.queries, clusters, folds: 5, seed: 42 });
  return [
    ...(await ranked('pricerunner_relevance', graded, job, [test], [TREES])),
    ...(await ranked('pricerunner_relevance, 5 folds, 480 queries', graded, job, folds, [TREES])),
  ];
}

export async function relevanceClasses(): Promise<Line> {
  const { graded, job } = await relevanceGround();
  const { set, targets, outputs, features } = graded;
  const [training, heldOut] = [where(set.split, 0), where(set.split, 2)];
  const model = await boost(graded, training);
  const own = heldOut.map((row) => targets[row]!);
  const figure = (logits: Float64Array) => classFigure('f1_weighted', own, outputs, logits);
  return {
    ...{ recipe: 'pricerunner_relevance-3class', metric: 'f1_weighted' },
    groups: heldOut.map((row) => set.queries[row]!),
    ours: figure(model.predictLogits(rowsOf(features, heldOut))),
    theirs: figure(baselineLogits(job, targets, [{ training, heldOut }])[0]!),
    how: '`trees`; HistGradientBoosting on ten likenesses',
  };
}

export async function learningToRank(): Promise<Line[]> {
  const set = await readSet(lambdarankSample);
  const { codes: targets, classes } = GRADED.encode(set.targets);
  const [training, heldOut] = [where(set.split, 0), where(set.split, 2)];
  const plain = featuresOf(set, training, lambdarankSample.preset.features);
  const inQuery = featuresOf(set, training, { numeric: { inQuery: true } });
  const columns = set.columns.numeric!.map((name) => cellsOf(set, name));
  const matrix = Array.from(set.targets, (_, row) => columns.map((column) => Number(column[row] ?? NaN)));
  const job: BaselineJob = { kind: 'numbers', matrix };
  const sides = [{ training, heldOut }];
  const [alone, standing] = [plain, inQuery].map((features) => ({
    set,
    features,
    targets,
    outputs: classes.length,
  }));
  return [
    ...(await ranked('lambdarank_sample', alone!, job, sides, [TREES])),
    ...(await ranked('lambdarank_sample', standing!, job, sides, [
      await tunedLinear(standing!),
      { ...TREES, name: 'trees, numbers in their query' },
    ])),
  ];
}

import type { Loss, ModelInput } from '../contracts/model.js';
import { queryFolds } from '../core/importance/index.js';
import { nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { f1Weighted } from '../core/metrics/index.js';
import { softmaxRows } from '../core/probability.js';
import { seeded } from '../core/random.js';
import { bootstrapInterval } from '../core/statistics/bootstrap.js';
import { taskOf } from '../core/tasks/index.js';
import { amazonGoogle } from '../datasets/amazonGoogle.js';
import type { BuiltinDataset } from '../datasets/dataset.js';
import { lambdarankSample } from '../datasets/lambdarankSample.js';
import { pricerunnerRelevance } from '../datasets/pricerunnerRelevance.js';
import { linear } from '../models/linear.js';
import { trees } from '../models/trees.js';
import { BOOSTED, featuresOf, readSet, rowsOf, trainingOf, where, type RecipeSet } from './recipes/set.js';
import { bestThreshold, f1At } from './recipes/threshold.js';

// Quality of the recipes, by the library alone: `ASSAY_DATA_DIR=… node --import tsx bench/recipes.ts [relevance|folds|sample|matching] [MODEL]`.

const [asked, wanted] = process.argv.slice(2);

type Features = Extract<ModelInput, { kind: 'sparse' }>;
interface Arm {
  readonly model: 'linear' | 'trees';
  readonly loss: Loss;
  readonly params: object;
}

const POINTWISE: Loss = { kind: 'crossEntropy' };
const LAMBDA: Loss = { kind: 'lambdaRank', depth: 10 };
const ARMS: Readonly<Record<string, Arm>> = {
  'trees, pointwise': { model: 'trees', loss: POINTWISE, params: BOOSTED },
  'trees, LambdaMART': { model: 'trees', loss: LAMBDA, params: BOOSTED },
  'linear, pointwise': { model: 'linear', loss: POINTWISE, params: { C: 4 } },
  'linear, RankNet': { model: 'linear', loss: { kind: 'rankNet' }, params: { C: 4 } },
  'linear, LambdaRank': { model: 'linear', loss: LAMBDA, params: { C: 4 } },
};
const RELEVANCE = taskOf({ name: 'ranking', grades: { Irrelevant: 0, Partial: 1, Exact: 2 } });
const GRADED = taskOf('ranking');

async function logitsOf(
  { model, loss, params }: Arm,
  set: { targets: Int32Array; queries: Int32Array; outputs: number },
  features: Features,
  training: Int32Array,
  heldOut: Int32Array,
): Promise<Float64Array> {
  const rows = {
    ...trainingOf({ ...set, features }, training),
    groups: training.map((row) => set.queries[row]!),
    loss,
  };
  const fitted =
    model === 'linear'
      ? await linear.fit(rows, linear.paramsSchema.parse(params), { seed: 42 })
      : await trees.fit(rows, trees.paramsSchema.parse(params), { seed: 42 });
  return fitted.predictLogits(rowsOf(features, heldOut));
}

function ndcgs(
  { targets, queries, outputs }: { targets: Int32Array; queries: Int32Array; outputs: number },
  rows: Int32Array,
  values: Float64Array,
): Float64Array {
  const judged = {
    targets: rows.map((row) => targets[row]!),
    groups: rows.map((row) => queries[row]!),
    logits: { rows: rows.length, cols: outputs, values },
  };
  return GRADED.merit(judged, 'ndcg@10');
}

const fixed = (value: number): string => value.toFixed(4);
const shown = (values: Float64Array): string => {
  const { value, low, high } = bootstrapInterval({ values, replicates: 2000, random: seeded(42, 'recipes') });
  return `${fixed(value)} [${fixed(low)}, ${fixed(high)}]`;
};
const against = (values: Float64Array, others: Float64Array): string =>
  shown(values.map((value, i) => value - others[i]!));

function encoded(set: RecipeSet, task = GRADED) {
  const { codes, classes } = task.encode(set.targets);
  return { targets: codes, queries: set.queries, outputs: classes.length };
}

/** Every arm on held-out queries, and beside boosting by expected gain, the first. */
async function ranking(
  title: string,
  known: ReturnType<typeof encoded>,
  inputs: Readonly<Record<string, Features>>,
  sides: readonly { training: Int32Array; heldOut: Int32Array }[],
): Promise<void> {
  console.log(`\n### ${title}\n\n| model | NDCG@10 | against boosting by expected gain |\n|---|---|---|`);
  let base: Float64Array | undefined;
  for (const [kind, features] of Object.entries(inputs)) {
    for (const [name, arm] of Object.entries(ARMS)) {
      if (wanted !== undefined && arm.model !== wanted) continue;
      const parts: number[] = [];
      for (const { training, heldOut } of sides) {
        parts.push(...ndcgs(known, heldOut, await logitsOf(arm, known, features, training, heldOut)));
      }
      const values = Float64Array.from(parts);
      base ??= values;
      console.log(`| ${name}${kind} | ${shown(values)} | ${against(values, base)} |`);
    }
  }
}

const withoutRanks = ({ preset }: BuiltinDataset): BuiltinDataset['preset']['features'] => ({
  ...preset.features,
  match: { ...preset.features!.match!, inQuery: false },
});

async function relevance(): Promise<void> {
  const set = await readSet(pricerunnerRelevance);
  const known = encoded(set, RELEVANCE);
  const [training, heldOut] = [where(set.split, 0, 1), where(set.split, 2)];
  const inputs = {
    '': featuresOf(set, training, withoutRanks(pricerunnerRelevance)),
    ', in-query features': featuresOf(set, training, pricerunnerRelevance.preset.features),
  };
  await ranking('relevance, 72 test queries', known, inputs, [{ training, heldOut }]);
  for (const [kind, features] of Object.entries(inputs)) {
    const logits = await logitsOf(ARMS['trees, pointwise']!, known, features, training, heldOut);
    const targets = heldOut.map((row) => known.targets[row]!);
    const figure = f1Weighted.compute({ targets, probabilities: softmaxRows(logits, 3), outputs: 3 });
    console.log(`\n3 classes, trees${kind}: weighted F1 ${fixed(figure)}`);
  }
}

async function folds(): Promise<void> {
  const set = await readSet(pricerunnerRelevance);
  const known = encoded(set, RELEVANCE);
  const clusters = nearDuplicateClusters(set.table.columns['title'] as string[], 0.9);
  const sides = queryFolds({ ...known, clusters, folds: 5, seed: 42 });
  for (const { purged, training } of sides)
    process.stderr.write(`purged ${purged}, left ${training.length}\n`);
  const all = Int32Array.from(set.split.keys());
  const inputs = {
    '': featuresOf(set, all, withoutRanks(pricerunnerRelevance)),
    ', in-query features': featuresOf(set, all, pricerunnerRelevance.preset.features),
  };
  await ranking('relevance, 5 folds over 480 queries, purged', known, inputs, sides);
}

async function sample(): Promise<void> {
  const set = await readSet(lambdarankSample);
  const training = where(set.split, 0, 1);
  const features = featuresOf(set, training, lambdarankSample.preset.features);
  await ranking('lambdarank_sample, 50 test queries', encoded(set), { '': features }, [
    { training, heldOut: where(set.split, 2) },
  ]);
}

async function matching(): Promise<void> {
  const set = await readSet(amazonGoogle);
  const targets = Int32Array.from(set.targets, Number);
  const known = { targets, queries: set.queries, outputs: 2 };
  const training = where(set.split, 0);
  const features = featuresOf(set, training, amazonGoogle.preset.features);
  console.log('\n### amazon_google\n\n| model | F1 of a match | threshold, from validation |\n|---|---|---|');
  for (const name of ['linear, pointwise', 'trees, pointwise']) {
    const [validation, test] = [where(set.split, 1), where(set.split, 2)];
    const odds = async (rows: Int32Array): Promise<Float64Array> => {
      const logits = await logitsOf(ARMS[name]!, known, features, training, rows);
      return Float64Array.from(rows, (_, i) => softmaxRows(logits, 2)[2 * i + 1]!);
    };
    const threshold = bestThreshold(
      await odds(validation),
      validation.map((row) => targets[row]!),
    );
    const p = await odds(test);
    const figure = f1At(
      p,
      test.map((row) => targets[row]!),
      threshold,
    );
    console.log(`| ${name} | ${fixed(figure)} | ${fixed(threshold)} |`);
  }
}

const PARTS = { relevance, folds, sample, matching };
for (const [name, run] of Object.entries(PARTS)) if (asked === undefined || asked === name) await run();

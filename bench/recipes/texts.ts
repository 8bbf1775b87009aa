import { nearDuplicateClusters } from '../../core/duplicates/nearDuplicates.js';
import { rocAuc } from '../../core/metrics/index.js';
import { SCOPE_SCORES, scopeScores, type ScopeScore } from '../../core/outOfScope.js';
import { clinc150OutOfScope } from '../../datasets/clinc150.js';
import type { BuiltinDataset } from '../../datasets/dataset.js';
import { linear } from '../../models/linear.js';
import { baselineLogits, type BaselineJob } from './baseline.js';
import { classFigure, pick, type Figure, type Line } from './paired.js';
import { featuresOf, readSet, rowsOf, trainingOf, where, type RecipeSet } from './set.js';

export const STRENGTHS = [0.25, 1, 4, 16, 64];

export interface TextRecipe {
  readonly set: BuiltinDataset;
  readonly metric: string;
  readonly C: number; // the published baseline's
  readonly analyzer?: 'characters';
  readonly minDocumentFrequency?: number;
}

/** A text recipe's rows, features and codes; -1 where training has no such class. */
export interface Ground {
  readonly set: RecipeSet;
  readonly features: ReturnType<typeof featuresOf>;
  readonly targets: Int32Array;
  readonly outputs: number;
  readonly training: Int32Array;
  readonly validation: Int32Array;
  readonly heldOut: Int32Array;
}

export async function groundOf({ set: dataset }: Pick<TextRecipe, 'set'>): Promise<Ground> {
  const set = await readSet(dataset);
  const training = where(set.split, 0);
  const classes = [...new Set(Array.from(training, (row) => set.targets[row]!))].sort();
  const codes = new Map(classes.map((name, code) => [name, code]));
  return {
    ...{ set, training, outputs: classes.length },
    features: featuresOf(set, training, dataset.preset.features),
    targets: Int32Array.from(set.targets, (name) => codes.get(name) ?? -1),
    validation: where(set.split, 1),
    heldOut: where(set.split, 2),
  };
}

/** A linear model of the training rows, or of some of them, each of its own weight. */
export async function fitted(
  ground: Ground,
  C: number,
  training = ground.training,
  sampleWeights: Float64Array = new Float64Array(training.length).fill(1),
) {
  const rows = { ...trainingOf(ground, training), sampleWeights };
  const model = await linear.fit(rows, linear.paramsSchema.parse({ C }), { seed: 42 });
  return (of: Int32Array): Float64Array => model.predictLogits(rowsOf(ground.features, of));
}

function beside({ set, targets, training, heldOut }: Ground, recipe: TextRecipe): Float64Array {
  const { analyzer = 'words', minDocumentFrequency = 2, C } = recipe;
  const texts = set.table.columns[set.columns.text![0]!] as (string | null)[];
  const job: BaselineJob = { kind: 'text', texts, analyzer, minDocumentFrequency, C };
  return baselineLogits(job, targets, [{ training, heldOut }])[0]!;
}

/** Near-duplicates among some rows, the held-out ones where none are named. */
export const clustersOf = ({ set, heldOut }: Ground, rows = heldOut): Int32Array => {
  const texts = set.table.columns[set.columns.text![0]!] as (string | null)[];
  return nearDuplicateClusters(
    Array.from(rows, (row) => texts[row] ?? ''),
    0.9,
  );
};

export const every = (rows: ArrayLike<number>): Int32Array =>
  Int32Array.from({ length: rows.length }, (_, row) => row);

/** Our linear model at the strength that validation rows like best, beside the published baseline. */
export async function text(recipe: TextRecipe): Promise<Line> {
  const ground = await groundOf(recipe);
  const { validation, heldOut, targets, outputs } = ground;
  const figure = (rows: Int32Array, logits: Float64Array): Figure =>
    classFigure(
      recipe.metric,
      rows.map((row) => targets[row]!),
      outputs,
      logits,
    );
  let best = { value: -Infinity, C: 0, logits: new Float64Array() as Float64Array };
  for (const C of STRENGTHS) {
    const predict = await fitted(ground, C);
    const value = figure(validation, predict(validation))(every(validation));
    if (value > best.value) best = { value, C, logits: predict(heldOut) };
  }
  return {
    ...{ recipe: recipe.set.name, metric: recipe.metric, groups: clustersOf(ground) },
    ours: figure(heldOut, best.logits),
    theirs: figure(heldOut, beside(ground, recipe)),
    how: `\`linear\`, C ${String(best.C)}; LogisticRegression, C ${String(recipe.C)}`,
  };
}

/** Questions of no intent, told apart by a score that validation rows choose; the baseline by its largest probability. */
export async function outOfScope(): Promise<Line> {
  const recipe = { set: clinc150OutOfScope, metric: 'accuracy', C: 10, minDocumentFrequency: 1 };
  const ground = await groundOf(recipe);
  const { validation, heldOut, targets, outputs } = ground;
  const auroc =
    (score: ScopeScore, rows: Int32Array, logits: Float64Array): Figure =>
    (at) => {
      const foreign = at.map((place) => Number(targets[rows[place]!] === -1));
      return 1 - rocAuc(scopeScores(score, pick(logits, at, outputs), outputs), foreign);
    };
  let best = {
    value: -Infinity,
    C: 0,
    score: 'energy' as ScopeScore,
    logits: new Float64Array() as Float64Array,
  };
  for (const C of STRENGTHS) {
    const predict = await fitted(ground, C);
    for (const score of SCOPE_SCORES) {
      const value = auroc(score, validation, predict(validation))(every(validation));
      if (value > best.value) best = { value, C, score, logits: predict(heldOut) };
    }
  }
  return {
    ...{ recipe: recipe.set.name, metric: 'AUROC of out of scope', groups: clustersOf(ground) },
    ours: auroc(best.score, heldOut, best.logits),
    theirs: auroc('max_probability', heldOut, beside(ground, recipe)),
    how: `\`linear\`, C ${String(best.C)}, by ${best.score}; LogisticRegression, C 10, by the largest probability`,
  };
}

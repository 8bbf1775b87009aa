import { softmaxRows } from '../../core/metrics/index.js';
import { amazonGoogle } from '../../datasets/amazonGoogle.js';
import { trees } from '../../models/trees.js';
import { baselineLogits } from './baseline.js';
import type { Figure, Line } from './paired.js';
import { featuresOf, readSet, rowsOf, where } from './set.js';

const BOOSTED = { trees: 200, learningRate: 0.05, maxLeaves: 15, minSamplesLeaf: 20 };

/** F1 of a match, each model at the threshold that validation rows like best. */
export async function matching(): Promise<Line> {
  const set = await readSet(amazonGoogle);
  const targets = Int32Array.from(set.targets, Number);
  const [training, validation, test] = [where(set.split, 0), where(set.split, 1), where(set.split, 2)];
  const features = featuresOf(set, training, amazonGoogle.preset.features);
  const rows = {
    input: rowsOf(features, training),
    targets: training.map((row) => targets[row]!),
    outputs: 2,
    sampleWeights: new Float64Array(training.length).fill(1),
  };
  const model = await trees.fit(rows, trees.paramsSchema.parse(BOOSTED), { seed: 42 });
  const cells = (name: string): (string | null)[] => set.table.columns[name] as (string | null)[];
  const pair = (name: string) => [cells(`left_${name}`), cells(`right_${name}`)] as const;
  const job = {
    kind: 'pairs',
    pairs: [pair('title'), pair('manufacturer')],
    numbers: [pair('price')],
  } as const;
  const theirs = baselineLogits(job, targets, [
    { training, heldOut: validation },
    { training, heldOut: test },
  ]);
  const ours = [validation, test].map((of) => model.predictLogits(rowsOf(features, of)));
  const figure = ([ofValidation, ofTest]: readonly Float64Array[]): Figure => {
    const threshold = bestThreshold(
      matchOdds(ofValidation!),
      validation.map((row) => targets[row]!),
    );
    const odds = matchOdds(ofTest!);
    const own = test.map((row) => targets[row]!);
    return (at) =>
      f1At(
        Float64Array.from(at, (row) => odds[row]!),
        at.map((row) => own[row]!),
        threshold,
      );
  };
  return {
    ...{ recipe: 'amazon_google', metric: 'F1 of a match', groups: Int32Array.from(test.keys()) },
    ours: figure(ours),
    theirs: figure(theirs),
    how: '`trees`; HistGradientBoosting on ten likenesses of titles and makers, and prices',
  };
}

const matchOdds = (logits: Float64Array): Float64Array =>
  softmaxRows(logits, 2).filter((_, i) => i % 2 === 1);

function f1At(p: Float64Array, targets: Int32Array, threshold: number): number {
  let [hits, said, are] = [0, 0, 0];
  p.forEach((one, i) => {
    hits += Number(one >= threshold && targets[i] === 1);
    said += Number(one >= threshold);
    are += targets[i]!;
  });
  return (2 * hits) / Math.max(1, said + are);
}

const bestThreshold = (p: Float64Array, targets: Int32Array): number =>
  [...p].reduce((best, one) => (f1At(p, targets, one) > f1At(p, targets, best) ? one : best), 0.5);

import { softmaxRows } from '../../core/metrics/index.js';
import { amazonGoogle } from '../../datasets/amazonGoogle.js';
import { trees } from '../../models/trees.js';
import { baselineLogits } from './baseline.js';
import type { Figure, Line } from './paired.js';
import { BOOSTED, cellsOf, featuresOf, readSet, rowsOf, trainingOf, where } from './set.js';
import { bestThreshold, f1At } from './threshold.js';

/** F1 of a match, each model at the threshold that validation rows like best. */
export async function matching(): Promise<Line> {
  const set = await readSet(amazonGoogle);
  const targets = Int32Array.from(set.targets, Number);
  const [training, validation, test] = [where(set.split, 0), where(set.split, 1), where(set.split, 2)];
  const features = featuresOf(set, training, amazonGoogle.preset.features);
  const rows = trainingOf({ features, targets, outputs: 2 }, training);
  const model = await trees.fit(rows, trees.paramsSchema.parse(BOOSTED), { seed: 42 });
  const pair = (name: string) => [cellsOf(set, `left_${name}`), cellsOf(set, `right_${name}`)] as const;
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

import { createHash } from 'node:crypto';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { SPLITS, type Split } from '../../contracts/prepared.js';
import { nearDuplicateClusters } from '../../core/duplicates/nearDuplicates.js';
import { fitTfidf, tfidfTransformer } from '../../core/text/tfidf.js';
import { amazonGoogle } from '../../datasets/amazonGoogle.js';
import { banking77 } from '../../datasets/banking77.js';
import { clinc150 } from '../../datasets/clinc150.js';
import type { BuiltinDataset } from '../../datasets/dataset.js';
import { financialPhrasebank } from '../../datasets/financialPhrasebank.js';
import { plantNoise, type NoiseInput, type PlantedNoise } from '../../datasets/noise.js';
import { onlineShopping } from '../../datasets/onlineShopping.js';
import { pricerunner } from '../../datasets/pricerunner.js';
import { pricerunnerRelevance } from '../../datasets/pricerunnerRelevance.js';
import { orderByHash } from '../../datasets/recipe.js';
import { cellsOf, featuresOf, readSet, rowsOf } from '../recipes/set.js';

/** How a set is measured, after the recipe of the published baselines. */
interface SetPlan {
  readonly dataset: BuiltinDataset;
  /** TF-IDF of the first text column; where left out, the features of the set's own recipe. */
  readonly analyzer?: 'words' | 'characters';
  readonly fixedStrength: number; // the baselines' C
  readonly trainRows?: number; // those with the smallest hash
  /** What the choice is made by and the test rows are judged by. @default accuracy */
  readonly metric?: 'f1_macro';
}

export const PLANS: Readonly<Record<string, SetPlan>> = {
  banking77: { dataset: banking77, analyzer: 'words', fixedStrength: 10 },
  pricerunner: { dataset: pricerunner, analyzer: 'words', fixedStrength: 10 },
  online_shopping: { dataset: onlineShopping, analyzer: 'characters', fixedStrength: 4, trainRows: 12_000 },
  financial_phrasebank: { dataset: financialPhrasebank, analyzer: 'words', fixedStrength: 10 },
  financial_phrasebank_balanced: {
    dataset: financialPhrasebank,
    analyzer: 'words',
    fixedStrength: 10,
    metric: 'f1_macro',
  },
  clinc150: { dataset: clinc150, analyzer: 'words', fixedStrength: 10 },
  relevance3: { dataset: pricerunnerRelevance, fixedStrength: 4 },
  amazon_google: { dataset: amazonGoogle, fixedStrength: 4 },
};

/** A set with planted noise, ready for training. Rows are those of train, validation and test, in canonical order. */
export interface World {
  readonly fixedStrength: number;
  readonly features: CsrMatrix; // fitted on the training rows
  readonly split: Uint8Array; // index into SPLITS
  readonly classes: readonly string[];
  readonly truth: Int32Array;
  readonly given: Int32Array; // after the flips
  readonly clusters: Int32Array; // near-duplicates
  readonly trainRows: number;
  readonly metric: string;
  /** Who gave each label. */
  readonly sources: Int32Array;
}

/** Which labels are wrong: of any row alike, of the most confusable class, or mostly those of two sources of ten. */
export const NOISES = ['uniform', 'pair', 'source'] as const;
export type Noise = (typeof NOISES)[number];

/** What is measured. */
export interface Setting {
  readonly set: string;
  readonly rate: number;
  readonly seed: number;
  readonly noise?: Noise; // uniform where left out
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Reads a set, flips labels of train and validation, and makes features. */
export async function makeWorld({ set, rate, seed, noise = 'uniform' }: Setting): Promise<World> {
  const { dataset, analyzer, fixedStrength, trainRows, metric = 'accuracy' } = PLANS[set]!;
  const recipe = await readSet(dataset);
  const texts = cellsOf(recipe, recipe.columns.text![0]!).map(String);
  const truths = recipe.targets;
  const given = Array.from(recipe.split, (side) => SPLITS[side]!);
  const sides: (Split | 'unused')[] = keepTrainRows(given, dataset.recipeName, trainRows);
  const splits = sides.map((side) => (side === 'unused' ? 'test' : side)); // never flipped
  const input = { name: dataset.recipeName, targets: truths, splits, texts };
  const sources = Int32Array.from(truths.keys(), (row) => sourceOf(dataset.recipeName, row));
  const { targets } = plant(input, sources, rate, noise, seed);
  const used = Int32Array.from(sides.keys()).filter((row) => sides[row] !== 'unused');
  const training = used.filter((row) => splits[row] === 'train');
  const classes = [...new Set(truths)].sort();
  const code = new Map(classes.map((value, i) => [value, i]));
  return {
    fixedStrength,
    features: analyzer
      ? tfidfOf(texts, analyzer, training, used)
      : rowsOf(featuresOf(recipe, training, dataset.preset.features), used).matrix,
    split: Uint8Array.from(used, (row) => SPLITS.indexOf(splits[row]!)),
    classes,
    truth: used.map((row) => code.get(truths[row]!)!),
    given: used.map((row) => code.get(targets[row]!)!),
    clusters: recipe.columns.group
      ? used.map((row) => recipe.queries[row]!)
      : nearDuplicateClusters(pick(texts, used), 0.9),
    trainRows: training.length,
    metric,
    sources: used.map((row) => sources[row]!),
  };
}

const pick = (texts: readonly string[], rows: Int32Array): string[] => Array.from(rows, (row) => texts[row]!);

function tfidfOf(
  texts: readonly string[],
  analyzer: 'words' | 'characters',
  training: Int32Array,
  used: Int32Array,
): CsrMatrix {
  const settings = { analyzer, ngrams: [1, 2], minDocumentFrequency: 2 } as const;
  return tfidfTransformer(fitTfidf(pick(texts, training), settings).vocabulary)(pick(texts, used));
}

const SOURCES = 10;
const CARELESS = 2; // sources with four times the mean rate; the others have a quarter of it

const sourceOf = (name: string, row: number): number =>
  parseInt(sha256(`42:source:${name}:${row}`).slice(0, 8), 16) % SOURCES;

function plant(
  input: NoiseInput,
  sources: Int32Array,
  rate: number,
  noise: Noise,
  seed: number,
): Pick<PlantedNoise, 'targets'> {
  if (noise !== 'source') return plantNoise(input, { rate, kind: noise, seed }, sha256);
  const careless = Array.from(sources, (source) => source < CARELESS);
  const flip = (of: boolean, share: number): PlantedNoise => {
    const own = input.targets.map((target, row) => (careless[row] === of ? target : null));
    return plantNoise({ ...input, targets: own }, { rate: share, kind: 'uniform', seed }, sha256);
  };
  const [bad, good] = [flip(true, Math.min(1, 4 * rate)), flip(false, rate / 4)];
  return { targets: input.targets.map((_, row) => (careless[row] ? bad : good).targets[row] ?? null) };
}

function keepTrainRows(splits: readonly Split[], name: string, limit?: number): (Split | 'unused')[] {
  if (limit === undefined) return [...splits];
  const training = [...splits.keys()].filter((row) => splits[row] === 'train');
  const kept = new Set(orderByHash(training, (row) => sha256(`42:sub:${name}:${row}`)).slice(0, limit));
  return splits.map((side, row) => (side === 'train' && !kept.has(row) ? 'unused' : side));
}

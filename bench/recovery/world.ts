import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CsrMatrix } from '../../contracts/matrix.js';
import { SPLITS, type Split } from '../../contracts/prepared.js';
import { nearDuplicateClusters } from '../../core/duplicates/nearDuplicates.js';
import { fitTfidf, tfidfTransformer } from '../../core/text/tfidf.js';
import { banking77 } from '../../datasets/banking77.js';
import type { BuiltinDataset, OriginFile } from '../../datasets/dataset.js';
import { financialPhrasebank } from '../../datasets/financialPhrasebank.js';
import { plantNoise, type NoiseInput, type PlantedNoise } from '../../datasets/noise.js';
import { onlineShopping } from '../../datasets/onlineShopping.js';
import { pricerunner } from '../../datasets/pricerunner.js';
import { orderByHash } from '../../datasets/recipe.js';
import { extractMember } from '../../infra/zip.js';

/** How a set is measured, after the recipe of the published baselines. */
interface SetPlan {
  readonly dataset: BuiltinDataset;
  readonly analyzer: 'words' | 'characters';
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

/** Reads a set from ASSAY_DATA_DIR, flips labels of train and validation, and makes features. */
export async function makeWorld({ set, rate, seed, noise = 'uniform' }: Setting): Promise<World> {
  const { dataset, analyzer, fixedStrength, trainRows, metric = 'accuracy' } = PLANS[set]!;
  const table = await dataset.read({ files: await readFiles(dataset), sha256, seed });
  const { columns } = dataset.preset.dataset;
  const cellsOf = (column: string): string[] => {
    const at = table.header.indexOf(column);
    return table.rows.map((row) => row[at] ?? '');
  };
  const texts = cellsOf(columns.text![0]!);
  const truths = cellsOf(columns.target);
  const sides: (Split | 'unused')[] = keepTrainRows(
    cellsOf('split') as Split[],
    dataset.recipeName,
    trainRows,
  );
  const splits = sides.map((side) => (side === 'unused' ? 'test' : side)); // never flipped
  const input = { name: dataset.recipeName, targets: truths, splits, texts };
  const sources = Int32Array.from(truths.keys(), (row) => sourceOf(dataset.recipeName, row));
  const { targets } = plant(input, sources, rate, noise, seed);
  const used = [...sides.keys()].filter((row) => sides[row] !== 'unused');
  const split = Uint8Array.from(used, (row) => SPLITS.indexOf(splits[row]!));
  const usedTexts = used.map((row) => texts[row]!);
  const training = usedTexts.filter((_, i) => split[i] === 0);
  const { vocabulary } = fitTfidf(training, { analyzer, ngrams: [1, 2], minDocumentFrequency: 2 });
  const classes = [...new Set(truths)].sort();
  const code = new Map(classes.map((value, i) => [value, i]));
  return {
    fixedStrength,
    features: tfidfTransformer(vocabulary)(usedTexts),
    split,
    classes,
    truth: Int32Array.from(used, (row) => code.get(truths[row]!)!),
    given: Int32Array.from(used, (row) => code.get(targets[row]!)!),
    clusters: nearDuplicateClusters(usedTexts, 0.9),
    trainRows: training.length,
    metric,
    sources: Int32Array.from(used, (row) => sources[row]!),
  };
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

async function readFiles(dataset: BuiltinDataset): Promise<Map<string, Uint8Array>> {
  const root = process.env['ASSAY_DATA_DIR'];
  if (root === undefined)
    throw new Error('ASSAY_DATA_DIR is not set: point it at the folder with the data sets');
  const found = new Map<string, Uint8Array>();
  for (const file of dataset.files) found.set(file.name, await readOrigin(join(root, dataset.folder), file));
  return found;
}

async function readOrigin(folder: string, { name, member }: OriginFile): Promise<Uint8Array> {
  const path = join(folder, name);
  if (!existsSync(path)) return gunzipSync(readFileSync(`${path}.gz`));
  if (member === undefined) return readFileSync(path);
  const unpacked = join(mkdtempSync(join(tmpdir(), 'assay-bench-')), member);
  await extractMember(path, member, unpacked);
  return readFileSync(unpacked);
}

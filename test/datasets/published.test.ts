import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Split } from '../../contracts/prepared.js';
import { datasets } from '../../datasets/index.js';
import { plantNoise } from '../../datasets/noise.js';
import { loadOriginFiles } from '../../infra/originFiles.js';
import { dataDirectory } from '../paths.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Rows of train, validation, test and number of classes, as published or as the split files have them. */
const facts: Readonly<Record<string, { sizes: readonly number[]; classes: number; splitFile?: string }>> = {
  banking77: { sizes: [9123, 1926, 2034], classes: 77, splitFile: 'split_banking77.csv.gz' },
  banking77_official: { sizes: [8465, 1538, 3080], classes: 77 },
  clinc150: { sizes: [15000, 3000, 4500], classes: 150 },
  clinc150_oos: { sizes: [15000, 3100, 5500], classes: 151 },
  open_bandit: { sizes: [6999, 1499, 1502], classes: 2 },
  pricerunner: { sizes: [24711, 5292, 5308], classes: 10, splitFile: 'split_pricerunner.csv.gz' },
  online_shopping: { sizes: [43941, 9415, 9418], classes: 2, splitFile: 'split_online_shopping_sent.csv.gz' },
  financial_phrasebank: { sizes: [3391, 725, 730], classes: 3, splitFile: 'split_fpb_50agree.csv.gz' },
  '2dplanes': { sizes: [28537, 6115, 6116], classes: 2, splitFile: 'split_2dplanes.csv.gz' },
  fried: { sizes: [28536, 6115, 6117], classes: 2, splitFile: 'split_fried.csv.gz' },
  pricerunner_relevance: { sizes: [11745, 2491, 2483], classes: 3 },
  lambdarank_sample: { sizes: [2582, 423, 768], classes: 5 },
  amazon_google: { sizes: [6874, 2293, 2293], classes: 2 },
  credit_default: { sizes: [20999, 4499, 4502], classes: 2, splitFile: 'split_credit_default.csv.gz' },
};

/** Number of flips of the training rows at 20%, as the published baselines have them. */
const FLIPS: Readonly<Record<string, number>> = {
  banking77: 1824,
  pricerunner: 4942,
  financial_phrasebank: 678,
};

for (const set of datasets.filter(({ files }) => files.length > 0)) {
  describe(`the published set ${set.name}`, () => {
    it('has the rows, sides and classes that are known of it', async (t) => {
      if (!dataDirectory || !existsSync(join(dataDirectory, set.folder))) {
        t.skip(`ASSAY_DATA_DIR is not set or has no ${set.folder}: the set was not read`);
        return;
      }
      const { header, rows } = await set.read({
        files: await loadOriginFiles(set, { dataDirectory }),
        sha256,
        seed: 42,
      });
      const column = (name: string): (string | null)[] =>
        rows.map((cells) => cells[header.indexOf(name)] ?? null);
      const splits = column('split') as Split[];
      const targets = column(set.preset.dataset.columns.target);
      const { sizes, classes, splitFile } = facts[set.name]!;
      assert.deepEqual(
        ['train', 'validation', 'test'].map((side) => splits.filter((split) => split === side).length),
        sizes,
      );
      assert.equal(new Set(targets).size, classes);
      if (splitFile) assert.deepEqual(splits, publishedSplit(join(dataDirectory, set.folder, splitFile)));
      const texts = targets.map(String);
      const noise = { rate: 0.2, kind: 'uniform', seed: 42 } as const;
      const { flipped } = plantNoise({ name: set.recipeName, targets, splits, texts }, noise, sha256);
      const trainFlips = flipped.filter((flip, row) => flip && splits[row] === 'train').length;
      assert.equal(trainFlips, FLIPS[set.name] ?? Math.floor(0.2 * sizes[0]!));
    });
  });
}

it('financial_phrasebank tells on how many annotators agreed, by the four files it is made of', async (t) => {
  const set = datasets.find(({ name }) => name === 'financial_phrasebank')!;
  if (!dataDirectory || !existsSync(join(dataDirectory, set.folder))) {
    t.skip(`ASSAY_DATA_DIR is not set or has no ${set.folder}: the set was not read`);
    return;
  }
  const files = await loadOriginFiles(set, { dataDirectory });
  const { header, rows } = await set.read({ files, sha256, seed: 42 });
  const levels = rows.map((cells) => cells[header.indexOf('agreement')]);
  const count = (...wanted: string[]): number => levels.filter((level) => wanted.includes(level!)).length;
  // The published sizes of the files, each of which holds the next: 4,846, 4,217, 3,453, 2,264.
  assert.deepEqual([count('100'), count('100', '75'), count('100', '75', '66')], [2264, 3453, 4217]);
  const [strict] = [...files.keys()].filter((name) => name.includes('All'));
  const foreign = new Map(files).set(strict!, Buffer.from('A sentence of its own .@neutral\n'));
  await assert.rejects(
    set.read({ files: foreign, sha256, seed: 42 }),
    /AllAgree\.txt: "A sentence of its own \."/,
  );
});

function publishedSplit(path: string): string[] {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString().trimEnd().split(/\r?\n/);
  const names: Readonly<Record<string, string>> = { val: 'validation' };
  return lines.map((line) => line.split(',')[1]!).map((side) => names[side] ?? side);
}

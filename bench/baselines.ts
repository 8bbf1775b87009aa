import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitLinear } from '../core/linear/fit.js';
import { logitsOf, type Scheme } from '../core/linear/parameters.js';
import { LinearParams } from '../models/linear.js';
import { fitTfidf, tfidfTransformer, type TfidfSettings } from '../core/text/tfidf.js';
import {
  banking77Official,
  banking77Pooled,
  clinc150,
  dataFolder,
  onlineShopping,
  pricerunner,
  type TextSet,
} from './data.js';

// Accuracy beside the published baselines: `node --import tsx bench/baselines.ts` with ASSAY_DATA_DIR set.

interface Case {
  readonly load: () => TextSet;
  readonly features: TfidfSettings;
  readonly C: number;
}

const words = (minDocumentFrequency: number): TfidfSettings => ({
  analyzer: 'words',
  ngrams: [1, 2],
  minDocumentFrequency,
});
const characters: TfidfSettings = { analyzer: 'characters', ngrams: [1, 2], minDocumentFrequency: 2 };
const cases: readonly Case[] = [
  { load: banking77Official, features: words(2), C: 10 },
  { load: banking77Pooled, features: words(2), C: 10 },
  { load: clinc150, features: words(1), C: 10 },
  { load: pricerunner, features: words(2), C: 10 },
  { load: () => onlineShopping('online_shopping/sentiment', 1), features: characters, C: 4 },
  { load: () => onlineShopping('online_shopping/category10', 0), features: characters, C: 4 },
];

async function accuracyOf(set: TextSet, { features, C }: Case, scheme: Scheme): Promise<number> {
  const { vocabulary, matrix } = fitTfidf(
    set.train.map(([text]) => text),
    features,
  );
  const classes = [...new Set(set.train.map(([, target]) => target))].sort();
  const code = new Map(classes.map((name, i) => [name, i]));
  const training = {
    matrix,
    targets: Int32Array.from(set.train, ([, target]) => code.get(target)!),
    outputs: classes.length,
    sampleWeights: new Float64Array(matrix.rows).fill(1),
  };
  const model = await fitLinear(training, { ...LinearParams.parse({ C }), scheme });
  const logits = logitsOf(model, tfidfTransformer(vocabulary)(set.test.map(([text]) => text)));
  const K = classes.length;
  const right = set.test.filter(([, target], i) => {
    const row = logits.subarray(i * K, (i + 1) * K);
    return row.indexOf(Math.max(...row)) === code.get(target);
  });
  return right.length / set.test.length;
}

const baselines = JSON.parse(readFileSync(join(dataFolder(), 'baselines.json'), 'utf8')) as Record<
  string,
  { acc: number }
>;
const only = process.argv[2] ?? '';
console.log('| set | baseline | one-vs-rest | difference, points | softmax | seconds of CPU, both |');
console.log('|---|---|---|---|---|---|');
for (const each of cases) {
  const set = each.load();
  if (!set.name.includes(only)) continue;
  const start = process.cpuUsage();
  const oneVsRest = await accuracyOf(set, each, 'oneVsRest');
  const softmax = await accuracyOf(set, each, 'softmax');
  const seconds = (process.cpuUsage(start).user / 1e6).toFixed(1);
  const baseline = baselines[set.name]!.acc;
  const points = (100 * (oneVsRest - baseline)).toFixed(2);
  console.log(
    `| ${set.name} | ${baseline.toFixed(4)} | ${oneVsRest.toFixed(4)} | ${points} | ${softmax.toFixed(4)} | ${seconds} |`,
  );
}

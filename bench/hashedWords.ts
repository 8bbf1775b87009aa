import { fitLinear } from '../core/linear/fit.js';
import { logitsOf } from '../core/linear/parameters.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import { hashingTransformer } from '../core/text/hashing.js';
import { fitTfidf, tfidfTransformer } from '../core/text/tfidf.js';
import { LinearParams } from '../models/linear.js';
import { banking77Official, clinc150, pricerunner, type TextSet } from './data.js';

// Accuracy of the linear model on hashed words beside TF-IDF, 1-2-grams, C 10: `npm run bench -- hashedWords` with ASSAY_DATA_DIR set.

const BUCKETS = [2 ** 14, 2 ** 16, 2 ** 18];
const WORDS = { analyzer: 'words', ngrams: [1, 2], minDocumentFrequency: 2 } as const;

interface Sides {
  readonly train: CsrMatrix;
  readonly test: CsrMatrix;
}

async function accuracyOf({ train: rows, test: asked }: TextSet, { train, test }: Sides): Promise<number> {
  const classes = [...new Set(rows.map(([, target]) => target))].sort();
  const code = new Map(classes.map((name, i) => [name, i]));
  const training = {
    matrix: train,
    targets: Int32Array.from(rows, ([, target]) => code.get(target)!),
    outputs: classes.length,
    sampleWeights: new Float64Array(train.rows).fill(1),
  };
  const model = await fitLinear(training, { ...LinearParams.parse({ C: 10 }), scheme: 'oneVsRest' });
  const logits = logitsOf(model, test);
  const right = asked.filter(([, target], i) => {
    const row = logits.subarray(i * classes.length, (i + 1) * classes.length);
    return row.indexOf(Math.max(...row)) === code.get(target);
  });
  return right.length / asked.length;
}

console.log(`| set | n-grams | TF-IDF | ${BUCKETS.map((buckets) => `${buckets} buckets`).join(' | ')} |`);
console.log(`|---|---|---|${BUCKETS.map(() => '---|').join('')}`);
for (const load of [banking77Official, clinc150, pricerunner]) {
  const set = load();
  const [train, test] = [set.train, set.test].map((rows) => rows.map(([text]) => text)) as [
    string[],
    string[],
  ];
  const { vocabulary, matrix } = fitTfidf(train, WORDS);
  const found = [await accuracyOf(set, { train: matrix, test: tfidfTransformer(vocabulary)(test) })];
  for (const buckets of BUCKETS) {
    const hash = hashingTransformer({ ...WORDS, buckets });
    found.push(await accuracyOf(set, { train: hash(train), test: hash(test) }));
  }
  const cells = found.map((accuracy) => accuracy.toFixed(4));
  console.log(`| ${set.name} | ${vocabulary.terms.length.toLocaleString('en')} | ${cells.join(' | ')} |`);
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CsrMatrix } from '../contracts/matrix.js';
import { fitLinear } from '../core/linear/fit.js';
import { logitsOf, type Scheme } from '../core/linear/parameters.js';
import { fitTfidf, tfidfTransformer, type TfidfSettings } from '../core/text/tfidf.js';
import { LinearParams } from '../models/linear.js';
import { banking77Pooled, onlineShopping, type TextSet } from './data.js';
import { machine, median, peerScript, ratioOf, runPeer } from './peer.js';

// Linear models against scikit-learn: `node --import tsx bench/linear.ts` with ASSAY_DATA_DIR and ASSAY_PYTHON set.

const ROUNDS = Number(process.env['ASSAY_BENCH_ROUNDS'] ?? 5);
const PARTS = ['indptr', 'indices', 'values', 'targets'] as const;

/** Writes the matrices as raw little-endian arrays, which both sides read. Returns features and classes. */
function prepare(set: TextSet, features: TfidfSettings, folder: string): [number, number] {
  const { vocabulary, matrix } = fitTfidf(
    set.train.map(([text]) => text),
    features,
  );
  const test = tfidfTransformer(vocabulary)(set.test.map(([text]) => text));
  const classes = [...new Set(set.train.map(([, target]) => target))].sort();
  const write = (side: 'train' | 'test', { indptr, indices, values }: CsrMatrix): void => {
    const targets = Int32Array.from(set[side], ([, target]) => classes.indexOf(target));
    [indptr, indices, values, targets].forEach((data, i) =>
      writeFileSync(join(folder, `${side}.${PARTS[i]!}`), new Uint8Array(data.buffer, 0, data.byteLength)),
    );
  };
  write('train', matrix);
  write('test', test);
  return [matrix.cols, classes.length];
}

function load(folder: string, side: string, cols: number): { matrix: CsrMatrix; targets: Int32Array } {
  const bytes = (part: string): ArrayBuffer =>
    Uint8Array.from(readFileSync(join(folder, `${side}.${part}`))).buffer;
  const indptr = new Int32Array(bytes('indptr'));
  const indices = new Int32Array(bytes('indices'));
  const matrix = {
    rows: indptr.length - 1,
    cols,
    indptr,
    indices,
    values: new Float32Array(bytes('values')),
  };
  return { matrix, targets: new Int32Array(bytes('targets')) };
}

/** One cold fit in this process; prints what linear.py prints. */
async function measure(
  folder: string,
  cols: number,
  K: number,
  scheme: Scheme,
  C: number,
  tolerance: number,
): Promise<void> {
  const train = load(folder, 'train', cols);
  const sampleWeights = new Float64Array(train.matrix.rows).fill(1);
  const start = process.cpuUsage();
  const model = await fitLinear(
    { ...train, outputs: K, sampleWeights },
    { ...LinearParams.parse({ C, tolerance }), scheme },
  );
  const { user, system } = process.cpuUsage(start);
  const test = load(folder, 'test', cols);
  const logits = logitsOf(model, test.matrix);
  let [loss, right] = [0, 0];
  test.targets.forEach((target, i) => {
    const row = logits.subarray(i * K, (i + 1) * K);
    const largest = Math.max(...row);
    loss += largest - row[target]! + Math.log(row.reduce((sum, z) => sum + Math.exp(z - largest), 0));
    if (row[target] === largest) right++;
  });
  const n = test.targets.length;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(
    JSON.stringify({ seconds: (user + system) / 1e6, loss: loss / n, accuracy: right / n, peakMb }),
  );
}

/** The default, against solvers that go to the optimum; the loosest in use, against one that stops long before it. */
const TOLERANCES = { default: LinearParams.parse({}).tolerance, loose: 0.1 } as const;

function compare(name: string, folder: string, [cols, K]: [number, number], scheme: Scheme, C: number): void {
  const exact = K === 2 ? ['lbfgs', 'liblinear'] : scheme === 'softmax' ? ['lbfgs'] : ['liblinear'];
  const rounds = Array.from({ length: ROUNDS }, () => ({
    default: fitHere(folder, cols, K, scheme, C, TOLERANCES.default),
    ...Object.fromEntries(
      exact.map((peer) => [peer, runPeer(peerScript('linear.py'), [folder, String(cols), peer, String(C)])]),
    ),
    loose: fitHere(folder, cols, K, scheme, C, TOLERANCES.loose),
    sgd: runPeer(peerScript('linear.py'), [folder, String(cols), 'sgd', String(C)]),
  })) as Record<string, Record<string, number | string>>[];
  const seconds = (fit: string): number[] => rounds.map((round) => Number(round[fit]!['seconds']));
  const row = (title: string, fit: string, ours?: string): void => {
    const { loss, accuracy, peakMb } = rounds[0]![fit]!;
    const ratio = ours === undefined ? '' : ratioOf(seconds(fit), seconds(ours));
    const figures = [Number(loss).toFixed(4), Number(accuracy).toFixed(4), Number(peakMb).toFixed(0)];
    console.log(`| ${[title, median(seconds(fit)).toFixed(2), ratio, ...figures].join(' | ')} |`);
  };
  row(`${name}, C = ${C} | Assay ${scheme}`, 'default');
  for (const peer of exact) row(` | ${peer}`, peer, 'default');
  row(` | Assay ${scheme}, tolerance ${TOLERANCES.loose}`, 'loose');
  row(' | sgd', 'sgd', 'loose');
}

/** One cold fit in a process of its own. */
function fitHere(
  folder: string,
  ...settings: [number, number, Scheme, number, number]
): Record<string, number> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), folder, ...settings.map(String)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, number>;
}

const [folder, cols, K, scheme, C, tolerance] = process.argv.slice(2);
if (folder && (scheme === 'softmax' || scheme === 'oneVsRest')) {
  await measure(folder, Number(cols), Number(K), scheme, Number(C), Number(tolerance));
} else {
  const work = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const banking = prepare(
    banking77Pooled(),
    { analyzer: 'words', ngrams: [1, 2], minDocumentFrequency: 2 },
    work,
  );
  const version = runPeer(peerScript('linear.py'), [work, String(banking[0]), 'sgd', '1']);
  console.log(`${machine(String(version['version']))} Median of ${ROUNDS} cold fits; held-out log loss.\n`);
  console.log('| set | fit | s | Assay is times as fast, median (range) | loss | accuracy | peak MB |');
  console.log('|---|---|---|---|---|---|---|');
  for (const strength of [0.25, 4, 64]) compare('banking77', work, banking, 'softmax', strength);
  compare('banking77', work, banking, 'oneVsRest', 10);
  const chinese = { analyzer: 'characters', ngrams: [1, 2], minDocumentFrequency: 2 } as const;
  const shopping = prepare(onlineShopping('online_shopping', 1), chinese, work);
  compare('online_shopping sentiment', work, shopping, 'softmax', 4);
  rmSync(work, { recursive: true });
}

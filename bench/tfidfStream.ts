import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import { seeded } from '../core/random.js';
import { TfidfLearner, tfidfTransformer, type TfidfSettings } from '../core/text/tfidf.js';
import { machine, median, peerScript, ratioOf, runOurs, runPeer } from './peer.js';

// TF-IDF of texts that are read and not kept, in two passes, against scikit-learn's one pass over the same file:
// `npm run bench -- tfidfStream [texts…]`, with ASSAY_PYTHON set. 200000 and 2000000 texts unless told otherwise.

const ROUNDS = 3;
const SETTINGS: TfidfSettings = { analyzer: 'words', ngrams: [1, 2], minDocumentFrequency: 2 };
const BATCH = 10_000;
const [WORDS, DISTINCT_WORDS] = [12, 200_000];

/** Made-up product titles, a line each: words by Zipf's law. */
async function writeTexts(path: string, count: number): Promise<void> {
  const random = seeded(1, 'titles');
  const file = createWriteStream(path);
  for (let text = 0; text < count; text++) {
    const words = Array.from(
      { length: 1 + random.below(2 * WORDS - 1) },
      () => `w${String(Math.floor(DISTINCT_WORDS ** random.next()))}`,
    );
    if (!file.write(`${words.join(' ')}\n`)) await once(file, 'drain');
  }
  await finished(file.end());
}

async function* batches(path: string): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const line of createInterface(createReadStream(path))) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Both passes, in a process of its own as the peer's. Reading counts. */
async function measure(path: string): Promise<void> {
  const { user, system } = process.cpuUsage();
  const learner = new TfidfLearner(SETTINGS);
  for await (const batch of batches(path)) learner.add(batch);
  const vocabulary = learner.vocabulary();
  const transform = tfidfTransformer(vocabulary);
  let [nnz, sum] = [0, 0];
  for await (const batch of batches(path)) {
    const { values } = transform(batch);
    nnz += values.length;
    sum = values.reduce((total, value) => total + value, sum);
  }
  const used = process.cpuUsage();
  const seconds = (used.user + used.system - user - system) / 1e6;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, nnz, terms: vocabulary.terms.length, sum, peakMb }));
}

async function compare(count: number, folder: string): Promise<string> {
  const path = join(folder, 'texts.txt');
  await writeTexts(path, count);
  const script = peerScript('tfidf.py');
  const rounds = Array.from({ length: ROUNDS }, () => ({
    ours: runOurs(fileURLToPath(import.meta.url), [path]),
    peer: runPeer(script, [path, 'words']),
  }));
  const { ours: own, peer } = rounds[0]!;
  const same = own['nnz'] === peer['nnz'] && own['terms'] === peer['terms'];
  const within = Math.abs(own['sum']! / Number(peer['sum']) - 1).toExponential(0);
  const [mine, theirs] = [
    rounds.map((round) => round.ours['seconds']!),
    rounds.map((round) => Number(round.peer['seconds'])),
  ];
  const most = (side: 'ours' | 'peer'): string =>
    Math.max(...rounds.map((round) => Number(round[side]['peakMb']))).toFixed(0);
  console.error(machine(String(peer['version'])));
  return (
    `| ${count.toLocaleString('en')} | ${own['terms']!.toLocaleString('en')} | ${same ? 'same' : 'DIFFER'}, sum within ${within} | ` +
    `${median(mine).toFixed(1)} | ${median(theirs).toFixed(1)} | ${ratioOf(theirs, mine)} | ${most('ours')} | ${most('peer')} |`
  );
}

const [first, ...others] = process.argv.slice(2);
if (first?.endsWith('.txt')) {
  await measure(first);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  console.log(
    '| texts | terms | terms and entries | Assay, CPU s | scikit-learn, CPU s | times as fast: median (range) | peak MB | scikit-learn, peak MB |\n|---|---|---|---|---|---|---|---|',
  );
  for (const count of first === undefined ? [200_000, 2_000_000] : [first, ...others].map(Number))
    console.log(await compare(count, folder));
  rmSync(folder, { recursive: true });
}

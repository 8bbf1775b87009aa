import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import { seeded } from '../core/random.js';
import type { TfidfSettings } from '../core/text/tfidf.js';
import { learnTfidf, weighTfidf } from '../workers/textThreads.js';
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
  let lines: string[] = [];
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const found = `${rest}${chunk as string}`.split('\n');
    rest = found.pop()!;
    lines.push(...found);
    for (; lines.length >= BATCH; lines = lines.slice(BATCH)) yield lines.slice(0, BATCH);
  }
  yield rest === '' ? lines : [...lines, rest];
}

/** Both passes, in a process of its own as the peer's. Reading counts. */
async function measure(path: string, threads: number): Promise<void> {
  const { user, system } = process.cpuUsage();
  const startMs = performance.now();
  const vocabulary = await learnTfidf(batches(path), SETTINGS, threads);
  const learnedMs = performance.now();
  let [nnz, sum] = [0, 0];
  for await (const { values } of weighTfidf(batches(path), vocabulary, threads)) {
    nnz += values.length;
    sum = values.reduce((total, value) => total + value, sum);
  }
  const used = process.cpuUsage();
  const seconds = (used.user + used.system - user - system) / 1e6;
  const wall = (performance.now() - startMs) / 1000;
  const learning = (learnedMs - startMs) / 1000;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, wall, learning, nnz, terms: vocabulary.terms.length, sum, peakMb }));
}

type Round = Readonly<Record<'one' | 'two', Record<string, number>>> & {
  readonly peer: Record<string, number | string>;
};

async function compare(count: number, folder: string): Promise<string> {
  const path = join(folder, 'texts.txt');
  await writeTexts(path, count);
  const module = fileURLToPath(import.meta.url);
  const rounds = Array.from({ length: ROUNDS }, (): Round => ({
    one: runOurs(module, [path, '1']),
    two: runOurs(module, [path, '2']),
    peer: runPeer(peerScript('tfidf.py'), [path, 'words']),
  }));
  const { one, two, peer } = rounds[0]!;
  const same = [one, two].every((own) => own['nnz'] === peer['nnz'] && own['terms'] === peer['terms']);
  const within = Math.abs(two['sum']! / Number(peer['sum']) - 1).toExponential(0);
  const of = (side: keyof Round, figure: string): number[] =>
    rounds.map((round) => Number(round[side][figure]));
  const most = (side: keyof Round): string => Math.max(...of(side, 'peakMb')).toFixed(0);
  console.error(machine(String(peer['version'])));
  const cells = [
    count.toLocaleString('en'),
    one['terms']!.toLocaleString('en'),
    `${same && one['sum'] === two['sum'] ? 'same' : 'DIFFER'}, sum within ${within}`,
    ...[of('one', 'seconds'), of('peer', 'seconds')].map((all) => median(all).toFixed(1)),
    ratioOf(of('peer', 'seconds'), of('one', 'seconds')),
    ...[of('two', 'wall'), of('peer', 'wall')].map((all) => median(all).toFixed(1)),
    ratioOf(of('peer', 'wall'), of('two', 'wall')),
    `${most('one')} / ${most('two')}`,
    most('peer'),
  ];
  return `| ${cells.join(' | ')} |`;
}

const [first, ...others] = process.argv.slice(2);
if (first?.endsWith('.txt')) {
  await measure(first, Number(others[0] ?? 1));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  console.log(
    '| texts | terms | terms and entries | one thread, CPU s | scikit-learn, CPU s | times as fast: median (range) | two threads, s | scikit-learn, s | times as fast: median (range) | peak MB | scikit-learn, peak MB |\n' +
      `|${'---|'.repeat(11)}`,
  );
  for (const count of first === undefined ? [200_000, 2_000_000] : [first, ...others].map(Number))
    console.log(await compare(count, folder));
  rmSync(folder, { recursive: true });
}

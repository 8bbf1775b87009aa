import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { fitTfidf, type Analyzer } from '../core/text/tfidf.js';
import { banking77Pooled, onlineShopping, pricerunner, type TextSet } from './data.js';
import { cpuSeconds, machine, median, peerScript, ratioOf, runOurs, runPeer } from './peer.js';

// TF-IDF against scikit-learn: `node --import tsx bench/tfidf.ts` with ASSAY_DATA_DIR and ASSAY_PYTHON set.

const ROUNDS = 5;

function measure(file: string, analyzer: Analyzer): void {
  const texts = JSON.parse(readText(file)) as string[];
  const calls = Array.from({ length: 5 }, () =>
    cpuSeconds(() => fitTfidf(texts, { analyzer, ngrams: [1, 2], minDocumentFrequency: 2 }).matrix),
  );
  const [{ seconds, result }] = calls as [(typeof calls)[number]];
  const later = median(calls.slice(1).map((call) => call.seconds));
  const sum = result.values.reduce((total, value) => total + value, 0);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, later, nnz: result.values.length, terms: result.cols, sum, peakMb }));
}

const readText = (file: string): string =>
  execFileSync('cat', [file], { encoding: 'utf8', maxBuffer: 1 << 28 });

function compare(set: TextSet, analyzer: Analyzer, folder: string): void {
  const file = join(folder, 'texts.json');
  writeFileSync(file, JSON.stringify(set.train.map(([text]) => text)));
  const script = peerScript('tfidf.py');
  const rounds = Array.from({ length: ROUNDS }, () => ({
    // Its first call, and the median of four later ones.
    ours: runOurs(fileURLToPath(import.meta.url), [file, analyzer]),
    peer: runPeer(script, [file, analyzer]),
  }));
  const [first] = rounds;
  const own = rounds.map((round) => round.ours['seconds']!);
  const later = rounds.map((round) => round.ours['later']!);
  const peer = rounds.map((round) => Number(round.peer['seconds']));
  const same = first!.ours['nnz'] === first!.peer['nnz'] && first!.ours['terms'] === first!.peer['terms'];
  const sums = Math.abs(first!.ours['sum']! / Number(first!.peer['sum']) - 1);
  if (set.name.startsWith('banking')) console.log(`${machine(String(first!.peer['version']))}\n\n${HEAD}`);
  const memory = `${first!.ours['peakMb']!.toFixed(0)} / ${Number(first!.peer['peakMb']).toFixed(0)}`;
  console.log(
    `| ${set.name} | ${set.train.length} | ${first!.ours['terms']} | ${same ? 'same' : 'DIFFER'}, sum within ${sums.toExponential(0)} | ${median(own).toFixed(3)} | ${median(later).toFixed(3)} | ${median(peer).toFixed(3)} | ${ratioOf(peer, own)} | ${ratioOf(peer, later)} | ${memory} |`,
  );
}

const HEAD = `| set | texts | terms | terms and entries | Assay, first call, s | later calls, s | scikit-learn s | times as fast, first: median (range) | later | peak MB |
|---|---|---|---|---|---|---|---|---|---|`;

const [file, analyzer] = process.argv.slice(2);
if (file && (analyzer === 'words' || analyzer === 'characters')) {
  measure(file, analyzer);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  compare(banking77Pooled(), 'words', folder);
  compare(pricerunner(), 'words', folder);
  compare(onlineShopping('online_shopping (characters)', 1), 'characters', folder);
  rmSync(folder, { recursive: true });
}

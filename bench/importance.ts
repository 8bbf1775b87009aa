import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boosting } from './importance/boosting.js';
import { largestDifference, readDoubles, type Contest } from './importance/contest.js';
import { dataOob } from './importance/dataOob.js';
import { knn } from './importance/knn.js';
import { labelIssues } from './importance/labelIssues.js';
import { manyClasses } from './importance/manyClasses.js';
import { machine, median, peerScript, ratioOf, runPeer } from './peer.js';

// Importance estimators against Python libraries: `node --import tsx bench/importance.ts [NAME …]` with ASSAY_PYTHON set.

/** One line per contest. */
const CONTESTS: readonly Contest[] = [knn, dataOob, boosting, labelIssues, manyClasses];
const ROUNDS = Number(process.env['ASSAY_BENCH_ROUNDS'] ?? 5);
const MEASURE = '--measure';

type Round = Record<string, number | string>;

/** One cold run in a process of its own. */
function ownRound(contest: Contest, folder: string): Round {
  const args = [fileURLToPath(import.meta.url), MEASURE, contest.name, folder];
  const output = execFileSync(process.execPath, [...process.execArgv, ...args], { encoding: 'utf8' });
  return JSON.parse(output) as Round;
}

function compete(contest: Contest): void {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  contest.prepare(folder);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const own = ownRound(contest, folder);
    return { own, peer: runPeer(peerScript(`importance/${contest.script}`), [folder]) };
  });
  const seconds = (side: 'own' | 'peer'): number[] => rounds.map((round) => Number(round[side]['seconds']));
  const last = rounds.at(-1)!;
  const cells = (side: Round): string =>
    [
      ...contest.figures.map((name) => `${name} ${Number(side[name]).toFixed(5)}`),
      `${Number(side['peakMb']).toFixed(0)} MB`,
    ].join(', ');
  console.log(`\n${machine(String(last.peer['version']))}`);
  console.log(`| ${contest.title} | Assay | ${median(seconds('own')).toFixed(2)} | | ${cells(last.own)} |`);
  console.log(
    `| | ${contest.peer} | ${median(seconds('peer')).toFixed(2)} | ${ratioOf(seconds('peer'), seconds('own'))} | ${cells(last.peer)} |`,
  );
  if (existsSync(join(folder, 'peer.values'))) {
    const difference = largestDifference(
      readDoubles(folder, 'own.values'),
      readDoubles(folder, 'peer.values'),
    );
    console.log(`Largest difference of a value: ${difference.toExponential(1)}.`);
  }
  rmSync(folder, { recursive: true });
}

const [command, name, folder] = process.argv.slice(2);
if (command === MEASURE && folder) {
  const contest = CONTESTS.find((each) => each.name === name)!;
  const figures = await contest.measure(folder);
  console.log(JSON.stringify({ ...figures, peakMb: process.resourceUsage().maxRSS / 1024 }));
} else {
  console.log(`| task | | s | Assay is times as fast, median (range) of ${ROUNDS} | figures, peak memory |`);
  const wanted = process.argv.slice(2);
  for (const contest of CONTESTS) if (wanted.length === 0 || wanted.includes(contest.name)) compete(contest);
}

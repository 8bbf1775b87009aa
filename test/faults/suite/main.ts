/**
 * `npm run test:faults -- [--points N] [--per-run R] [--minutes M] [--seed S] [--kinds 'worker killed,store 503']`: plays N points
 * of each kind of fault, R in a run where a run can have several (the default, 1, is the easiest to look into), the kinds in turns,
 * begins none after M minutes or Ctrl-C, and prints a Markdown table; says of each run how it went on the way. Ends with 1 where
 * one was broken.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { repeated, type FaultKind } from './kind.js';
import { kinds } from './kinds/index.js';
import { openLab, type Lab } from './lab.js';
import { playPoint, type Verdict } from './play.js';
import { faultTable, type Played } from './table.js';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '2' },
    'per-run': { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1000' },
    kinds: { type: 'string' },
  },
});
const points = wholeNumber('points', values.points);
const perRun = wholeNumber('per-run', values['per-run']);
const seed = wholeNumber('seed', values.seed);
const within = wholeNumber('minutes', values.minutes);
const wanted = values.kinds?.split(',').map((name) => name.trim());
const unknown = wanted?.find((name) => !kinds.some((kind) => kind.name === name));
if (unknown !== undefined)
  fail(`--kinds: no kind "${unknown}"; expected ${kinds.map(({ name }) => name).join(', ')}`);
const chosen = kinds
  .filter(({ name }) => wanted?.includes(name) ?? true)
  .map((kind) => repeated(kind, Math.min(perRun, points)));

const beganMs = performance.now();
let isAsked = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isAsked = true));
const minutes = (): number => (performance.now() - beganMs) / 60_000;
const lab = await openLab();
const played: Played[] = chosen.map((kind) => ({ kind, verdicts: [], ...excuse(kind, lab) }));
try {
  for (let index = 0; index < points; index++) await playRound(lab, index);
} finally {
  await lab.stop();
}
const load = loadavg()
  .map((one) => one.toFixed(1))
  .join(' ');
process.stdout.write(
  `\nseed ${String(seed)}, ${minutes().toFixed(0)} min, Node ${process.version}, ` +
    `${String(availableParallelism())} cores, load average ${load}\n\n${faultTable(played)}\n`,
);
process.exit(played.some(({ verdicts }) => verdicts.some(({ problems }) => problems.length > 0)) ? 1 : 0);

function excuse(kind: FaultKind, of: Lab): Pick<Played, 'whyNot'> {
  const whyNot = kind.whyNot?.(of);
  return whyNot === undefined ? {} : { whyNot };
}

/** One run of each kind that has points left. */
async function playRound(of: Lab, index: number): Promise<void> {
  for (const { kind, verdicts, whyNot } of played) {
    const isDone = index * (kind.points ?? 1) >= points;
    if (whyNot !== undefined || isDone || minutes() > within || isAsked) continue;
    const verdict = await playPoint(of, kind, index, seed);
    verdicts.push(verdict);
    tell(kind, verdict);
  }
}

function tell({ name }: FaultKind, { where, blocked, problems }: Verdict): void {
  const how =
    problems.length > 0 ? 'BROKEN' : blocked.length > 0 ? `blocked ${String(blocked.length)}×` : 'ok';
  const lines = [
    `${how.padEnd(11)} ${name}: ${where}`,
    ...[...blocked, ...problems].map((one) => `            ${one}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) fail(`--${name}: expected a whole number from 1, got "${text}"`);
  return Number(text);
}

function fail(message: string): never {
  process.stderr.write(`error ${message}\n`);
  process.exit(2);
}

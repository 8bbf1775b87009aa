import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { modulePath } from '../infra/modules.js';
import { median, peerScript, python } from './peer.js';

// Networks against Keras/TensorFlow and PyTorch: `npm run bench -- engine`, with ASSAY_PYTHON set to a Python that has
// tensorflow, keras and torch.

interface Trial {
  /** Median milliseconds of a step, on the wall and of the processor. */
  readonly wall: number;
  readonly cpu: number;
  readonly peakMb: number;
  readonly version: string;
}

/** Samples a second and what they took. */
interface Speed {
  readonly wall: number;
  readonly cpu: number; // samples per CPU second
  readonly peakMb: number; // of the largest process
  readonly version: string;
}

const NAMES = { assay: 'Assay', keras: 'Keras', torch: 'PyTorch' };
type Side = keyof typeof NAMES;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20' },
    tasks: { type: 'string', default: 'lstm-64,lstm-128,bert' },
    modes: { type: 'string', default: 'train,predict' },
    cores: { type: 'string', default: 'one,both' },
    device: { type: 'string', default: 'cpu' },
    peers: { type: 'string', default: 'keras,torch' },
  },
});
const PEERS = options.peers.split(',') as Side[];
const SIDES: readonly Side[] = ['assay', ...PEERS];
const rounds = Number(options.rounds);
const BATCH: Readonly<Record<string, number>> = { lstm: 64, bert: 32 };
/** Quantile .975 of Student's t, by degrees of freedom from 1. */
const T_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201];

async function trial(side: Side, task: string, mode: string, threads: number): Promise<Trial> {
  const args = [task, mode, String(threads), options.steps, options.device];
  const ours = modulePath(import.meta.url, './engineTrial');
  const [file, all] =
    side === 'assay'
      ? [process.execPath, [...process.execArgv, ours, ...args]]
      : [python, [peerScript('engine.py'), side, ...args]];
  const { stdout } = await promisify(execFile)(file, all, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Trial;
}

/** So many processes at once, each with its threads; their samples are added up. */
async function speed(
  side: Side,
  task: string,
  mode: string,
  processes: number,
  threads: number,
): Promise<Speed> {
  const trials = await Promise.all(Array.from({ length: processes }, () => trial(side, task, mode, threads)));
  const batch = BATCH[task.split('-')[0]!]!;
  const sum = (of: (one: Trial) => number): number => trials.reduce((total, one) => total + of(one), 0);
  return {
    wall: sum(({ wall }) => (batch * 1000) / wall),
    cpu: sum(({ cpu }) => (batch * 1000) / cpu) / processes,
    peakMb: Math.max(...trials.map(({ peakMb }) => peakMb)),
    version: trials[0]!.version,
  };
}

/** Geometric mean of the rounds' ratios with its 95% interval (Student's t on the logarithms). */
function ratio(ours: readonly number[], theirs: readonly number[]): string {
  const logs = ours.map((value, i) => Math.log(value / theirs[i]!));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  if (logs.length < 2) return Math.exp(mean).toFixed(2);
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logs.length - 1);
  const half = (T_975[logs.length - 2] ?? 2) * Math.sqrt(variance / logs.length);
  const [low, middle, high] = [mean - half, mean, mean + half].map((log) => Math.exp(log).toFixed(2));
  return `${middle} (${low} to ${high})`;
}

type Measured = ReadonlyMap<Side, Speed[]>;

async function interleaved(measure: (side: Side) => Promise<Speed>): Promise<Measured> {
  const all = new Map<Side, Speed[]>(SIDES.map((side) => [side, []]));
  for (let round = 0; round < rounds; round++) {
    for (const side of SIDES) all.get(side)!.push(await measure(side));
  }
  return all;
}

function print(label: string, all: Measured, of: (speed: Speed) => number): void {
  const figures = (side: Side): number[] => all.get(side)!.map(of);
  const ours = figures('assay');
  const peers = PEERS.map(figures);
  const best = peers.reduce((one, other) => (median(other) > median(one) ? other : one));
  const speeds = [ours, ...peers].map((values) => median(values).toFixed(0));
  const ratios = [...peers, best].map((theirs) => ratio(ours, theirs));
  const peaks = SIDES.map((side) => median(all.get(side)!.map(({ peakMb }) => peakMb)).toFixed(0));
  const load = loadavg()[0]!.toFixed(1);
  printRow([label, ...speeds, ...ratios, peaks.join(' / '), load]);
}

const printRow = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

/** With both cores: two processes of one thread, or one of two, whichever is faster. */
async function bothCores(side: Side, task: string, mode: string): Promise<Speed> {
  const two = await speed(side, task, mode, 2, 1);
  const one = await speed(side, task, mode, 1, 2);
  return two.wall > one.wall ? two : one;
}

const versions = await Promise.all(
  SIDES.map(async (side) => (await trial(side, 'lstm-64', 'predict', 1)).version),
);
console.log(
  `${versions.join('; ')}; Node ${process.version}; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; load average ${loadavg()[0]!.toFixed(1)}.`,
);
console.log(
  `Median of ${rounds} interleaved rounds of ${options.steps} steps each, after warm-up; ratios with 95% intervals. ` +
    `One thread: samples per CPU second. Otherwise samples per second on the wall.\n`,
);
const against = [...PEERS.map((side) => NAMES[side]), 'the faster'].map((name) => `Assay / ${name}`);
const head = ['', ...SIDES.map((side) => NAMES[side]), ...against, 'peak MB', 'load'];
printRow(head);
printRow(head.map(() => '---'));
for (const task of options.tasks.split(',')) {
  for (const mode of options.modes.split(',')) {
    if (options.device === 'gpu') {
      const all = await interleaved((side) => speed(side, task, mode, 1, 2));
      print(`${task}, ${mode}, GPU`, all, ({ wall }) => wall);
      continue;
    }
    for (const cores of options.cores.split(',')) {
      const measure = (side: Side): Promise<Speed> =>
        cores === 'one' ? speed(side, task, mode, 1, 1) : bothCores(side, task, mode);
      const all = await interleaved(measure);
      print(`${task}, ${mode}, ${cores === 'one' ? 'one thread' : 'both cores'}`, all, ({ cpu, wall }) =>
        cores === 'one' ? cpu : wall,
      );
    }
  }
}

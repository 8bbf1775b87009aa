import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { applyFeatures } from '../activities/applyFeatures.js';
import { featurize } from '../activities/featurize.js';
import { learnFeatures } from '../activities/learnFeatures.js';
import type { Artifacts, Figures, StageOutput } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { concurrently } from '../core/concurrently.js';
import { createStageContexts } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { type FEATURES, featurizeParams, TITLE_COLUMNS, titles } from './madeUpTitles.js';

// Features of a large table by one activity and in shares, a process each, two shares at once:
// `npm run bench -- featureShares [ROWS] [ROWS PER SHARE] [tfidf | hashed]`.

const AT_ONCE = 2;
const KINDS = ['tfidf', 'hashed'] as const;

interface Job {
  readonly stage: 'featurize' | 'learnFeatures' | 'applyFeatures';
  readonly folder: string;
  readonly kind: keyof typeof FEATURES;
  readonly rowsPerShare: number;
  readonly inputs: Artifacts;
  readonly range?: { readonly from: number; readonly to: number };
}

interface Measured {
  readonly cpu: number; // seconds
  readonly peakMb: number;
  readonly outputs: Artifacts;
  readonly figures: Figures;
}

async function contextIn(folder: string): Promise<StageContext> {
  const store = await openStore(join(folder, 'store'));
  const options = { scratchDirectory: join(folder, 'scratch'), inMemoryBytes: 0 };
  const hooks = { signal: new AbortController().signal, progress: () => undefined };
  return createStageContexts(store, options)(randomBytes(32).toString('hex'), hooks); // nobody else's checkpoints
}

function runStage(
  { stage, kind, rowsPerShare, inputs, range }: Job,
  context: StageContext,
): Promise<StageOutput> {
  const job = { path: stage, seed: 1, inputs };
  const params = featurizeParams(kind, { rowsPerShare });
  if (stage === 'featurize') return featurize.run({ ...job, params }, context);
  if (stage === 'applyFeatures') return applyFeatures.run({ ...job, params: range! }, context);
  const { task: _, nearDuplicates: __, ...learned } = params;
  return learnFeatures.run({ ...job, params: learned }, context);
}

async function measure(job: Job): Promise<void> {
  const context = await contextIn(job.folder);
  const before = process.cpuUsage();
  const { outputs, figures } = await runStage(job, context);
  const used = process.cpuUsage(before);
  const cpu = (used.user + used.system) / 1e6;
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ cpu, peakMb, outputs, figures } satisfies Measured));
}

async function inProcess(job: Job): Promise<Measured> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), JSON.stringify(job)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Measured;
}

const seconds = (sinceMs: number): number => (performance.now() - sinceMs) / 1000;

function tell(name: string, parts: readonly Measured[], tookSeconds: number, result = ''): void {
  const cpu = parts.reduce((sum, part) => sum + part.cpu, 0);
  const peakMb = Math.max(...parts.map((part) => part.peakMb));
  console.log(
    `| ${name} | ${cpu.toFixed(1)} | ${tookSeconds.toFixed(1)} | ${peakMb.toFixed(0)} | ${result} |`,
  );
}

async function compare(base: Omit<Job, 'stage'>, rows: number): Promise<void> {
  const timed = async (work: () => Promise<Measured[]>) => {
    const startMs = performance.now();
    return { parts: await work(), took: seconds(startMs) };
  };
  const one = await timed(async () => [await inProcess({ ...base, stage: 'featurize' })]);
  tell(`${base.kind}: one activity`, one.parts, one.took);

  const startMs = performance.now();
  const learn = await timed(async () => [await inProcess({ ...base, stage: 'learnFeatures' })]);
  tell('learnFeatures', learn.parts, learn.took);
  const featurizer = learn.parts[0]!.outputs['featurizer']!;
  const { shares, rowsPerShare: size } = learn.parts[0]!.figures as Record<string, number>;
  const ranges = Array.from({ length: shares! }, (_, i) => ({
    from: i * size!,
    to: Math.min(rows, (i + 1) * size!),
  }));
  const inputs = { ...base.inputs, featurizer };
  const apply = await timed(() =>
    concurrently(ranges, AT_ONCE, (range) => inProcess({ ...base, stage: 'applyFeatures', inputs, range })),
  );
  tell(`applyFeatures, ${ranges.length} shares, ${AT_ONCE} at once`, apply.parts, apply.took);
  const features = apply.parts.flatMap(({ outputs }) => outputs['features']!);
  const settle = await timed(async () => [
    await inProcess({ ...base, stage: 'featurize', inputs: { ...inputs, features } }),
  ]);
  tell('featurize', settle.parts, settle.took);
  const same = JSON.stringify(settle.parts[0]!.outputs) === JSON.stringify(one.parts[0]!.outputs);
  const all = [...learn.parts, ...apply.parts, ...settle.parts];
  tell(`${base.kind}: in shares`, all, seconds(startMs), same ? 'same bytes' : 'DIFFER');
}

const [first, second, third] = process.argv.slice(2);
if (first?.startsWith('{')) {
  await measure(JSON.parse(first) as Job);
} else {
  const rows = Number(first ?? 1_000_000);
  const rowsPerShare = Number(second ?? 262_144);
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const { artifacts } = await contextIn(folder);
  const dataset = [await artifacts.writeTable('dataset', TITLE_COLUMNS, titles(rows))];
  console.log(
    `${rows.toLocaleString('en')} rows; Node ${process.version}, load average ${loadavg()[0]!.toFixed(1)}\n`,
  );
  console.log('| stage | CPU s | s | peak MB | result |');
  console.log('|---|---|---|---|---|');
  for (const kind of KINDS.filter((one) => third === undefined || one === third))
    await compare({ folder, kind, rowsPerShare, inputs: { dataset } }, rows);
  rmSync(folder, { recursive: true });
}

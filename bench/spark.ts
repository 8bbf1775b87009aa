import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { clean } from '../activities/clean.js';
import { featurize } from '../activities/featurize.js';
import { ingest } from '../activities/ingest.js';
import { profile } from '../activities/profile.js';
import type { Stage, StageJob } from '../activities/stage.js';
import { FeaturesConfig } from '../contracts/featureSettings.js';
import type { StageOutput } from '../contracts/stage.js';
import { findSpark } from '../infra/spark/find.js';
import { createStageContexts } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { dataset, rules, writeTable } from './dataplaneTable.js';

// Stages of tables on Spark's local[2] and on the worker itself: `npm run bench -- spark [ROWS]` with SPARK_HOME set.

const ENGINES = ['duckdb', 'spark'] as const;
const POLL_MS = 200;
const TICKS_PER_SECOND = 100; // of Linux' /proc

interface Measured {
  readonly stage: string;
  readonly seconds: number;
  /** Of all that the stage put out: equal bytes, equal text. */
  readonly outputs: string;
}

/** All stages in a process of its own, which tells of each when it is done. */
async function measure(path: string, folder: string, engine: (typeof ENGINES)[number]): Promise<void> {
  const store = await openStore(join(folder, 'store'));
  const contextOf = createStageContexts(store, {
    scratchDirectory: join(folder, 'scratch'),
    findSpark: () => findSpark(process.env),
  });
  const spark = { name: 'spark', master: 'local[2]', driverMemory: '2g', partitions: 8 } as const;
  const context = contextOf('0'.repeat(64), {
    ...{ signal: new AbortController().signal, progress: () => undefined },
    ...(engine === 'spark' ? { dataEngine: spark } : {}),
  });
  const done = async <P>(
    stage: Stage<P>,
    params: P,
    inputs: StageOutput['outputs'],
  ): Promise<StageOutput['outputs']> => {
    const startedMs = performance.now();
    const job: StageJob<P> = { path: stage.name, seed: 42, params, inputs };
    const { outputs } = await stage.run(job, context);
    const hashes = Object.values(outputs).flatMap((refs) => refs.map(({ sha256 }) => sha256));
    const found: Measured = {
      ...{ stage: stage.name, seconds: (performance.now() - startedMs) / 1000, outputs: hashes.join() },
    };
    console.log(JSON.stringify(found));
    return outputs;
  };
  const params = { dataset: { ...dataset, source: path } };
  const read = await done(ingest, params, {});
  const cleaned = await done(clean, { ...params, clean: rules }, read);
  const inputs = { dataset: cleaned['dataset']! };
  await done(profile, { columns: dataset.columns }, inputs);
  const features = FeaturesConfig.parse({ script: 'words' });
  await done(
    featurize,
    featurize.paramsSchema.parse({
      ...{ task: 'classification', columns: dataset.columns, features },
      nearDuplicates: { enabled: false, threshold: 0.8 },
    }),
    inputs,
  );
}

/** Processor time of a process and of all below it, in seconds, of those that ended too. */
class ProcessorTime {
  readonly #ticks = new Map<number, number>();

  constructor(readonly root: number) {}

  look(): number {
    const known = new Set([this.root]);
    const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
    // A parent may come after its child: as often as something new is found.
    for (let before = 0; before !== known.size;) {
      before = known.size;
      for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
    }
    for (const { pid, ticks } of all) if (known.has(pid)) this.#ticks.set(pid, ticks);
    return [...this.#ticks.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND;
  }
}

function statOf(pid: number): { readonly pid: number; readonly parent: number; readonly ticks: number }[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third on
    return [{ pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return []; // it has ended
  }
}

async function watched(child: ChildProcess): Promise<(Measured & { readonly cpu: number })[]> {
  const time = new ProcessorTime(child.pid!);
  const timer = setInterval(() => time.look(), POLL_MS);
  const found: (Measured & { readonly cpu: number })[] = [];
  let before = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    const cpu = time.look();
    found.push({ ...(JSON.parse(line) as Measured), cpu: cpu - before });
    before = cpu;
  }
  clearInterval(timer);
  return found;
}

async function compare(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const path = join(folder, 'table.csv');
  await writeTable(path, rows);
  const runs: (Measured & { readonly cpu: number })[][] = [];
  for (const engine of ENGINES) {
    const script = fileURLToPath(import.meta.url);
    const asked = [...process.execArgv, script, path, join(folder, engine), engine];
    runs.push(await watched(spawn(process.execPath, asked, { stdio: ['ignore', 'pipe', 'inherit'] })));
    rmSync(join(folder, engine), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true });
  const [here, spark] = runs as [(typeof runs)[number], (typeof runs)[number]];
  const isSame = here.every(({ outputs }, i) => outputs === spark[i]?.outputs);
  const load = loadavg().map((one) => one.toFixed(1));
  console.log(`Node ${process.version}, Spark local[2]; load average ${load.join(' ')}`);
  console.log(`\n${rows} rows, outputs ${isSame ? 'equal' : 'DIFFER'}\n`);
  console.log('| stage | worker, CPU s | seconds | Spark, CPU s | seconds |\n|---|---|---|---|---|');
  for (const [i, { stage, cpu, seconds }] of here.entries()) {
    const other = spark[i]!;
    const figures = [cpu, seconds, other.cpu, other.seconds].map((figure) => figure.toFixed(1));
    console.log(`| \`${stage}\` | ${figures.join(' | ')} |`);
  }
}

const [first, folder, engine] = process.argv.slice(2);
if (folder !== undefined) await measure(first!, folder, engine === 'spark' ? 'spark' : 'duckdb');
else await compare(Number(first ?? 1_000_000));

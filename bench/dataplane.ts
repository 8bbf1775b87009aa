import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clean } from '../activities/clean.js';
import { ingest } from '../activities/ingest.js';
import { modulePath } from '../infra/modules.js';
import { createStageContexts } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { dataset, rules, writeTable } from './dataplaneTable.js';
import { machine, median, peerScript, python } from './peer.js';

// Ingest, clean and split beside pandas and Polars: `npm run bench -- dataplane [ROWS] [ROUNDS]` with ASSAY_PYTHON set.

const DATABASE = 'DuckDB alone';

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
  readonly peakMb: number;
  readonly kept: number;
  readonly aside: number;
  /** SHA-256 of the ids that were kept, in order; empty of what does not clean. */
  readonly ids: string;
  readonly version: string;
}

/** One run of ours, in a process of its own. */
async function measure(path: string, folder: string): Promise<void> {
  const startedMs = performance.now();
  const store = await openStore(join(folder, 'store'));
  const contextOf = createStageContexts(store, { scratchDirectory: join(folder, 'scratch') });
  const context = contextOf('0'.repeat(64), {
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  const params = { dataset: { ...dataset, source: path } };
  const read = await ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, context);
  const readMs = performance.now();
  const cleaned = await clean.run(
    { path: 'clean', seed: 42, params: { ...params, clean: rules }, inputs: read.outputs },
    context,
  );
  const endedMs = performance.now();
  const usage = process.resourceUsage();
  const [kept, aside] = [cleaned.outputs['dataset']![0]!, cleaned.outputs['quarantine']![0]!];
  const hash = createHash('sha256');
  let before = '';
  for await (const { columns } of context.artifacts.readTable(kept, { columns: ['id'] })) {
    for (const id of columns['id'] as readonly string[]) {
      hash.update(before + id);
      before = '\n';
    }
  }
  const found: Measured = {
    seconds: (endedMs - startedMs) / 1000,
    cpu: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    peakMb: usage.maxRSS / 1024,
    kept: kept.rows,
    aside: aside.rows,
    ids: hash.digest('hex'),
    version: `assay: ingest ${((readMs - startedMs) / 1000).toFixed(1)} s, clean ${((endedMs - readMs) / 1000).toFixed(1)} s`,
  };
  console.log(JSON.stringify(found));
}

function ours(path: string, folder: string, script = fileURLToPath(import.meta.url)): Measured {
  const out = execFileSync(process.execPath, [...process.execArgv, script, path, folder], {
    encoding: 'utf8',
  });
  return JSON.parse(out) as Measured;
}

/** Reads, types and writes, nothing else: what ours can't fall below. */
const databaseAlone = (path: string, folder: string): Measured =>
  ours(path, folder, modulePath(import.meta.url, './dataplaneDatabase'));

/** With as many threads as it likes: it has both cores, as we have. */
function peer(name: string, path: string, folder: string): Measured {
  const out = execFileSync(python, [peerScript('dataplane/peer.py'), name, path, folder], {
    encoding: 'utf8',
  });
  return JSON.parse(out) as Measured;
}

async function compare(rows: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const path = join(folder, 'table.csv');
  await writeTable(path, rows);
  const runs: Record<string, Measured[]> = { assay: [], polars: [], pandas: [], [DATABASE]: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, found] of Object.entries(runs)) {
      const place = join(folder, name);
      if (name === DATABASE) found.push(databaseAlone(path, place));
      else found.push(name === 'assay' ? ours(path, place) : peer(name, path, place));
      rmSync(place, { recursive: true, force: true });
    }
  }
  const all = Object.values(runs).flat();
  const whole = all.filter(({ ids }) => ids !== '');
  const isSame = whole.every(
    ({ ids, aside, kept }) => ids === all[0]!.ids && aside === all[0]!.aside && kept === all[0]!.kept,
  );
  console.log(
    `${machine([...new Set(all.map(({ version }) => version))].join('; '))}\n\n${rows} rows, ${rounds} rounds, outputs ${isSame ? 'equal' : 'DIFFER'}\n\n${HEAD}`,
  );
  for (const [name, found] of Object.entries(runs)) {
    const middle = (pick: (one: Measured) => number): string => median(found.map(pick)).toFixed(1);
    const { kept, aside } = found[0]!;
    console.log(
      `| ${name} | ${middle((one) => one.seconds)} | ${middle((one) => one.cpu)} | ${median(found.map((one) => one.peakMb)).toFixed(0)} | ${kept} | ${aside} |`,
    );
  }
  rmSync(folder, { recursive: true });
}

const HEAD = '| | seconds | CPU s | peak MB | kept | put aside |\n|---|---|---|---|---|---|';

const [first, second] = process.argv.slice(2);
if (first !== undefined && second !== undefined && !/^\d+$/.test(first)) await measure(first, second);
else await compare(Number(first ?? 1_000_000), Number(second ?? 1));

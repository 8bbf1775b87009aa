import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directories, type Directories } from '../../cli/directories.js';
import { remember } from '../../cli/records.js';
import type { RunConfigInput } from '../../config/runConfig.js';
import { openArtifacts } from '../../storage/artifacts.js';
import { openStore } from '../../storage/open.js';
import { openRegistry } from '../../storage/registry.js';
import { openFinishedStages } from '../../storage/stageCache.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig, toyCsv } from '../fakes/toyRun.js';

export const TOY_RUN = 'train/toy/20261124-091203';
/** Near-duplicates with two labels, one of them verified before, and a row that cleaning drops. */
const PLANTED = [
  'twin1,topic0word1 topic0word2 topic0word3 w1 w2 w3 w4 w5 w6,topic0,train,2026-11-01',
  'twin2,topic0word1 topic0word2 topic0word3 w1 w2 w3 w4 w5 w6 !,topic1,train,',
  'blank,  ,topic1,train,',
];
const ROWS = 600;

/** What a finished run left on a disk of its own. */
export interface ToyRun {
  readonly folder: string;
  readonly where: Directories;
  /** True label by id. */
  readonly truth: ReadonlyMap<string, string>;
  /** The table. */
  readonly csv: string;
}

/** Plays a whole run over noisy labels without a server, and remembers it with its truth as `assay run` does. */
export async function finishedToyRun(noise = 0.3): Promise<ToyRun> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-toy-'));
  const where = directories({ ASSAY_DIRECTORY: join(folder, '.assay') });
  const [header = '', ...rows] = toyCsv(ROWS, noise).trimEnd().split('\n');
  const all = [`${header},label_verified_at`, ...rows.map((row) => `${row},`), ...PLANTED];
  const csv = `${all.join('\n')}\n`;
  writeFileSync(join(folder, 'toy.csv'), csv);
  const truth = truthOf(csv);
  mkdirSync(where.data, { recursive: true });
  const truthPath = join(where.data, 'truth.csv');
  writeFileSync(truthPath, truthCsv(csv, truth));
  const toy = { folder, where, truth, csv };
  await playToyRun(toy, TOY_RUN, {}, truthPath);
  return toy;
}

/** Plays another run over the same table into the same store, and remembers it. */
export async function playToyRun(
  { where, csv }: Pick<ToyRun, 'where' | 'csv'>,
  runId: string,
  more: Partial<RunConfigInput>,
  truth?: string,
): Promise<void> {
  const store = await openStore(where.storeUri);
  const artifacts = openArtifacts(store, { scratchDirectory: join(where.root, 'scratch') });
  const finished = openFinishedStages(store, artifacts);
  const config = toyConfig('toy.csv', {
    clean: { exactDuplicates: 'keep', nearDuplicates: { enabled: true, threshold: 0.8 } },
    crossValidate: { folds: 0 },
    ...more,
  });
  const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = fakeStageContext(
    { 'toy.csv': csv },
    {
      artifacts,
      checkpoints: noCheckpoints,
      registry: openRegistry(store),
    },
  );
  const state = newRunState(config);
  const { runner } = inProcessRunner(
    () => context,
    state.done,
    (entry) => finished.record(entry),
  );
  const host = { runId, runner, nowMs: () => 0, pause: () => Promise.resolve() };
  remember(where, runId, {
    ...(truth === undefined ? {} : { truth }),
    outcome: await trainingJob(state, { strengths: [1] }, host),
  });
}

/** A text says its own topic. */
function truthOf(csv: string): Map<string, string> {
  const rows = csv.trimEnd().split('\n').slice(1);
  return new Map(
    rows.map((row) => [row.split(',')[0]!, /topic\d/.exec(row.split(',')[1]!)?.[0] ?? 'topic1'] as const),
  );
}

function truthCsv(csv: string, truth: ReadonlyMap<string, string>): string {
  const lines = csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => {
      const [id = '', , label = ''] = row.split(',');
      return JSON.stringify([id, truth.get(id), truth.get(id) !== label]).slice(1, -1);
    });
  return `id,trueTarget,flipped\n${lines.join('\n')}\n`;
}

/** Rows of a CSV that a command wrote, without quotes in its cells. */
export function csvRows(path: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

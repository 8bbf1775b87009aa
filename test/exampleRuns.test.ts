import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readDocument } from '../activities/prepared.js';
import { traitsOf } from '../cli/startRun.js';
import { loadRunConfig } from '../config/load.js';
import type { RunConfig } from '../config/runConfig.js';
import { RunSummary } from '../contracts/summary.js';
import { taskName } from '../contracts/settings.js';
import type { BuiltinDataset, BuiltinTable } from '../datasets/dataset.js';
import { datasets } from '../datasets/index.js';
import { loadOriginFiles } from '../infra/originFiles.js';
import { trainingJob } from '../workflows/job.js';
import { newRunState } from '../workflows/progress.js';
import { wasmEngine } from './fakes/engine.js';
import { fakeStageContext } from './fakes/stageContext.js';
import { inProcessRunner } from './fakes/stageRunner.js';
import { dataDirectory, repositoryRoot } from './paths.js';

const folder = join(repositoryRoot, 'examples');
/** Rows of each side that a run is given, at most. */
const MOST = { train: 120, validation: 45, test: 45 } as const;
/** Times as many rows where groups count, not rows. */
const QUERIES = 5;
const MOST_CLASSES = 4;
const SMALL: Readonly<Record<string, object>> = {
  trees: { trees: 8, minSamplesLeaf: 5 },
  factorization: { factors: 4, epochs: 3 },
  lstm: { embedding: 4, units: 4, epochs: 1, batchSize: 64 },
  transformer: { layers: 1, width: 4, heads: 1, feedForward: 8, epochs: 1, batchSize: 64 },
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The recipe as it is, over few rows and with as little of everything as a whole run takes. */
function small(config: RunConfig): RunConfig {
  const { plantNoise: _, ...dataset } = config.dataset;
  const { strengths, policies } = config.loop;
  return {
    ...config,
    dataset: { ...dataset, source: 'table.csv' },
    features: {
      ...config.features,
      sequence: { ...config.features.sequence, length: 6, vocabularySize: 100 },
    },
    model: { name: config.model.name, ...SMALL[config.model.name] },
    ...(config.pretrain ? { pretrain: { ...config.pretrain, source: 'more.txt', epochs: 1 } } : {}),
    importance: { ...config.importance, folds: 2, refinements: 0 },
    loop: {
      ...config.loop,
      ...{ outerFolds: 2, flips: 99, maxRounds: Math.min(1, config.loop.maxRounds) },
      ...{ strengths: strengths?.slice(0, 1), policies: policies.slice(-1) },
    } as RunConfig['loop'],
    crossValidate: { folds: 0 },
    analyse: { ...config.analyse, bootstraps: 100 },
    gate: { ...config.gate, minRows: 1 },
  };
}

/** Whole groups, in the order of the table; without groups the classes in turn, so that none is missing. */
function fewRows(
  { header, rows }: BuiltinTable,
  { task, dataset, analyse }: RunConfig,
): BuiltinTable['rows'] {
  const cell = (row: (typeof rows)[number], name: string): string => row[header.indexOf(name)] ?? '';
  const { target, group, split } = dataset.columns;
  const foreign = analyse.outOfScope ?? '';
  const classes = [...new Set(rows.map((row) => cell(row, target)))].slice(0, MOST_CLASSES);
  const isKept = (name: string): boolean =>
    taskName(task) !== 'classification' || [...classes, foreign].includes(name);
  const byClass = new Map<string, (typeof rows)[number][]>();
  for (const row of rows.filter((one) => isKept(cell(one, target)))) {
    const key = group === undefined ? cell(row, target) : '';
    const own = byClass.get(key);
    if (own) own.push(row);
    else byClass.set(key, [row]);
  }
  const turns = [...byClass.values()].flatMap((own) => {
    const seen = new Map<string, number>(); // by side
    return own.map((row) => {
      const turn = seen.get(cell(row, split!)) ?? 0;
      seen.set(cell(row, split!), turn + 1);
      return { row, turn };
    });
  });
  if (group === undefined) turns.sort((a, b) => a.turn - b.turn);
  const taken = new Map<string, number>();
  const groups = new Map<string, boolean>();
  return turns.flatMap(({ row }) => {
    const side = cell(row, split!);
    const count = taken.get(side) ?? 0;
    const key = group === undefined ? cell(row, 'id') : `${side} ${cell(row, group)}`;
    const most = MOST[side as keyof typeof MOST] * (group === undefined ? 1 : QUERIES);
    const isTaken = groups.get(key) ?? count < most;
    groups.set(key, isTaken);
    if (isTaken) taken.set(side, count + 1);
    return isTaken ? [row] : [];
  });
}

const quoted = (cell: string | null): string => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`);

async function play(
  config: RunConfig,
  { header }: BuiltinTable,
  rows: BuiltinTable['rows'],
): Promise<RunSummary> {
  const csv = [header, ...rows].map((cells) => cells.map(quoted).join(',')).join('\n');
  const files = { 'table.csv': `${csv}\n`, 'more.txt': 'red shoe of leather\n'.repeat(30) };
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = fakeStageContext(files, { checkpoints, engine: wasmEngine });
  const state = newRunState(config);
  const { runner } = inProcessRunner(() => context, state.done);
  const host = { runId: `train/${config.name}/1`, runner, nowMs: () => 0, pause: () => Promise.resolve() };
  const { outputs } = await trainingJob(state, traitsOf(config), host);
  return RunSummary.parse(await readDocument(context.artifacts, outputs['summary']![0]!));
}

/** Every column that a configuration speaks of. */
const namedColumns = ({ dataset: { columns }, importance, analyse, features }: RunConfig): string[] => {
  const { vectors, ...parts } = columns;
  const pairs = features.match?.pairs.flatMap(({ left, right }) => [left, right]) ?? [];
  const sliced = analyse.slices.columns ?? [];
  return [
    ...Object.values(parts).flatMap((part) => part ?? []),
    ...Object.keys(vectors ?? {}),
    importance.source ?? [],
    sliced,
    pairs,
  ].flat();
};

/** What a recipe is there to show. */
const SHOWN: Readonly<Record<string, (summary: RunSummary) => void>> = {
  financial_phrasebank: ({ importance }) => {
    const levels = importance!.sources!.sources.map(({ name }) => name);
    assert.deepEqual(levels.sort(), ['100', '50', '66', '75']);
  },
  clinc150_oos: ({ analysis }) => assert.equal(analysis!.outOfScope!.length, 2),
  open_bandit: ({ analysis }) => {
    const { estimates, rows } = analysis!.counterfactual!;
    assert.equal(estimates.length, 4);
    assert.ok(estimates.every(({ effectiveSampleSize }) => effectiveSampleSize <= rows * (1 + 1e-9)));
    assert.ok(analysis!.arms[0]!.metrics['log_loss[inverse_propensity]']);
  },
};

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  const config = loadRunConfig(readFileSync(join(folder, file), 'utf8'), { path: file });
  const set = (datasets as readonly BuiltinDataset[]).find(
    ({ name }) => `builtin:${name}` === config.dataset.source,
  );
  if (!set) continue; // of files that are not ours: test/activities/relevanceFiles.test.ts
  const isHere = set.files.length === 0 || (dataDirectory && existsSync(join(dataDirectory, set.folder)));
  const skip = isHere ? false : `ASSAY_DATA_DIR is not set or has no ${set.folder}: ${file} was not run`;
  describe(`examples/${file}`, { skip }, () => {
    it('names columns that its set has, and runs to the end on a few of its rows', async () => {
      const files = await loadOriginFiles(set, { dataDirectory });
      const table = await set.read({ files, sha256, seed: config.seed });
      assert.deepEqual(
        namedColumns(config).filter((name) => !table.header.includes(name)),
        [],
      );
      const summary = await play(small(config), table, fewRows(table, config));
      const { metric, arms } = summary.analysis!;
      for (const { metrics } of arms) assert.ok(Number.isFinite(metrics[metric]!.value), metric);
      assert.ok(summary.rows.train > 50 && summary.rows.test > 10, JSON.stringify(summary.rows));
      assert.ok(summary.gate);
      SHOWN[config.name]?.(summary);
    });
  });
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import { firstConfig } from '../../cli/firstConfig.js';
import { traitsOf } from '../../cli/startRun.js';
import { loadRunConfig } from '../../config/load.js';
import type { RunConfig } from '../../config/runConfig.js';
import { RunSummary } from '../../contracts/summary.js';
import type { InferredTask } from '../../core/ingest/inferTask.js';
import type { BuiltinTable } from '../../datasets/dataset.js';
import { makeClicks } from '../../datasets/syntheticClicks.js';
import { makeInteractions } from '../../datasets/syntheticInteractions.js';
import { createSources } from '../../storage/sources.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { toyRankingCsv } from '../fakes/toyRanking.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';

const csv = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, ...rows].map((cells) => cells.join(',')).join('\n');

/** Some columns of a table, under names of their own. */
function columns({ header, rows }: BuiltinTable, named: Readonly<Record<string, string>>): string {
  const places = Object.values(named).map((name) => header.indexOf(name));
  return csv(
    Object.keys(named),
    rows.map((cells) => places.map((at) => cells[at] ?? '')),
  );
}

const TOPICS = ['refund money back', 'parcel is late', 'password reset mail'];
const tickets = csv(
  ['ticket', 'body', 'intent'],
  Array.from({ length: 150 }, (_, i) => [`t${i}`, `${TOPICS[i % 3]} please ${i % 17}`, `intent ${i % 3}`]),
);

/** A table as people have it: nobody says what it is for. */
const TABLES: readonly { readonly task: InferredTask; readonly target: string; readonly text: string }[] = [
  { task: 'classification', target: 'intent', text: tickets },
  { task: 'ranking', target: 'grade', text: toyRankingCsv().replace(/,split$/m, ',side') },
  {
    task: 'ctr',
    target: 'click',
    text: columns(makeClicks(60, 42), {
      ...{ id: 'id', session: 'session', place: 'place', similarity: 'similarity' },
      ...{ price: 'price', query: 'query', click: 'click' },
    }),
  },
  {
    task: 'recommendation',
    target: 'taken',
    text: columns(makeInteractions(40, 100, 42), { user: 'user', item: 'item', taken: 'taken' }),
  },
];

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-init-runs-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function configOf(task: string, text: string, target: string): Promise<RunConfig> {
  const path = join(folder, `${task}.csv`);
  writeFileSync(path, text);
  const sources = createSources({ scratchDirectory: folder });
  const first = await firstConfig(path, { target }, sources, undefined);
  return loadRunConfig(first.text, { path: 'assay.yaml' });
}

/** The run as it is written, but for how long it takes. */
async function play(config: RunConfig, text: string): Promise<RunSummary> {
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = { ...fakeStageContext({ [String(config.dataset.source)]: text }), checkpoints };
  const quick: RunConfig = {
    ...config,
    importance: { ...config.importance, folds: 2, refinements: 0 },
    loop: { ...config.loop, maxRounds: 0, outerFolds: 2 },
    crossValidate: { ...config.crossValidate, folds: 0 },
    analyse: { ...config.analyse, bootstraps: 100 },
  };
  const state = newRunState(quick);
  const { runner } = inProcessRunner(() => context, state.done);
  const host = { runId: 'train/init/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  const { outputs } = await trainingJob(state, traitsOf(quick), host);
  return RunSummary.parse(await readDocument(context.artifacts, outputs['summary']![0]!));
}

const metricOf = ({ analysis }: RunSummary): number =>
  analysis!.arms.find(({ name }) => name === 'weighted')!.metrics[analysis!.metric]!.value;

describe('what assay init writes runs, from table to report', () => {
  for (const { task, target, text } of TABLES) {
    it(task, async () => {
      const config = await configOf(task, text, target);
      const summary = await play(config, text);
      assert.equal(summary.task, task);
      assert.ok(Number.isFinite(metricOf(summary)));
      assert.ok(summary.rows.train > summary.rows.test && summary.rows.test > 0);
    });
  }
});

describe('a recommendation that assay init wrote', () => {
  const { text, target } = TABLES.find(({ task }) => task === 'recommendation')!;

  it('knows whom it recommends to: the user is group and category, some rows of each are held out', async () => {
    const { dataset, model } = await configOf('taken', text, target);
    assert.equal(dataset.columns.group, 'user');
    assert.deepEqual(dataset.columns.categorical, ['user', 'item']);
    assert.deepEqual(dataset.split, { by: 'hash', shares: [0.7, 0.15, 0.15], groups: 'apart' });
    assert.equal(model.name, 'factorization');
  });

  it('holds out the newest where the table says when', async () => {
    const timed = text
      .split('\n')
      .map((line, i) => `${line},${i === 0 ? 'at' : `2026-11-${String(1 + (i % 28)).padStart(2, '0')}`}`);
    const { dataset } = await configOf('timed', timed.join('\n'), target);
    assert.equal(dataset.split.by, 'time');
    assert.ok(dataset.split.by === 'time' && dataset.split.groups === 'apart');
  });

  it('learns the taste of each: better lists than the same model makes for everybody alike', async () => {
    const config = await configOf('lists', text, target);
    const personal = await play(config, text);
    const dataset = { ...config.dataset, columns: { ...config.dataset.columns, categorical: ['item'] } };
    const alike = await play({ ...config, dataset }, text);
    assert.ok(
      metricOf(personal) > metricOf(alike) + 0.05,
      `${metricOf(personal)} against ${metricOf(alike)}`,
    );
  });
});

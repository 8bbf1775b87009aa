import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ingest } from '../../activities/ingest.js';
import { readDocument } from '../../activities/prepared.js';
import { RunConfig, type RunConfigInput } from '../../config/runConfig.js';
import { Analysis } from '../../contracts/summary.js';
import { modelByName } from '../../models/index.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { tableRows } from '../fakes/artifacts.js';
import { wasmEngine } from '../fakes/engine.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { repositoryRoot } from '../paths.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';

const file = (name: string): string => join(repositoryRoot, 'test/fixtures/parquet', name);

let workplace: Workplace;
before(async () => {
  workplace = await openWorkplace();
});
after(() => workplace.close());

describe('a Parquet file with broken vectors', () => {
  const dataset = RunConfig.parse({
    name: 'broken',
    dataset: {
      source: file('brokenVectors.parquet'),
      columns: { id: 'id', target: 'kind', vectors: { image: 3 } },
      maxUnreadable: 1,
    },
  }).dataset;
  const read = (context: ReturnType<Workplace['contexts']>['small']) =>
    ingest.run({ path: 'ingest', seed: 1, params: { dataset }, inputs: {} }, context);

  it('puts each broken row aside with file, row and reason; a missing vector is none', async () => {
    const { small } = workplace.contexts({});
    const { outputs, figures } = await read(small);
    assert.equal(figures['kept'], 2); // whole, none
    const rows = await tableRows(small.artifacts, outputs['quarantine']![0]!);
    assert.ok(rows.every((row) => String(row['file']).endsWith('brokenVectors.parquet')));
    assert.deepEqual(
      rows.map(({ line, rule, reason }) => `${String(line)} ${String(rule)} ${String(reason)}`),
      [
        '3 vector image: expected a list of 3 numbers, got 2',
        '4 vector image: expected a list of 3 numbers, got 4',
        '5 vector image: expected a list of 3 numbers, got 0',
        '6 vector image: number 2 of the list is null, expected a finite number',
        '7 vector image: the list holds NaN, which is not a finite number',
        '8 vector image: the list holds Infinity, which is not a finite number',
        '9 vector image: number 1 of the list is 1e+300, expected a finite number',
      ],
    );
  });

  it('gives the same by the way of large tables', async () => {
    const { small, large } = workplace.contexts({});
    assert.deepEqual(await outcome(() => read(large)), await outcome(() => read(small)));
  });
});

/** Accuracy on the test rows of a run over products whose kind text and image tell together. */
async function accuracy(
  model: RunConfigInput['model'],
  parts: { text: boolean; image: boolean },
): Promise<number> {
  const config = RunConfig.parse({
    name: 'products',
    dataset: {
      source: file('products.parquet'),
      columns: {
        ...{ id: 'id', target: 'kind', split: 'split' },
        ...(parts.text ? { text: ['title'] } : {}),
        ...(parts.image ? { vectors: { image: 8 } } : {}),
      },
      split: { by: 'column' },
    },
    clean: { nearDuplicates: { enabled: false } },
    model,
    loop: {
      outerFolds: 2,
      flips: 99,
      maxRounds: 0,
      strengths: [modelByName(model!.name).name === 'trees' ? 5 : 16],
    },
    crossValidate: { folds: 0 },
    analyse: { bootstraps: 100 },
  });
  const checkpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const context = { ...workplace.contexts({}).small, checkpoints, engine: wasmEngine };
  const state = newRunState(config);
  const { runner } = inProcessRunner(() => context, state.done);
  const host = { runId: 'train/products/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  const { outputs } = await trainingJob(state, { strengths: [16] }, host);
  const { arms } = Analysis.parse(await readDocument(context.artifacts, outputs['analysis']![0]!));
  return arms[0]!.metrics['accuracy']!.value;
}

describe('products whose kind is told by text and image together', () => {
  const models: RunConfigInput['model'][] = [
    { name: 'linear' },
    { name: 'trees', trees: 30 },
    { name: 'mlp', hidden: [16], epochs: 20, learningRate: 0.02 },
  ];
  for (const model of models) {
    it(`${model!.name} tells them by both`, async () => {
      const both = await accuracy(model, { text: true, image: true });
      assert.ok(both > 0.95, `${both}`);
    });
  }

  it('either alone leaves half of them open', async () => {
    for (const parts of [
      { text: true, image: false },
      { text: false, image: true },
    ]) {
      const alone = await accuracy({ name: 'linear' }, parts);
      assert.ok(alone < 0.75, `${JSON.stringify(parts)}: ${alone}`);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dynamics } from '../../activities/dynamics.js';
import { failureRecord } from '../../activities/failure.js';
import { writeFeatures } from '../../activities/featureTable.js';
import { fitPath, type FinishedFit, type FitPathJob } from '../../activities/fitPath.js';
import { isMilestone } from '../../activities/keptFits.js';
import { CancelledError, DivergedError } from '../../contracts/errors.js';
import type { Checkpoint, ModelInput } from '../../contracts/model.js';
import { gather, integers, vectors } from '../../core/table.js';
import { modelByName } from '../../models/index.js';
import { wasmEngine } from '../fakes/engine.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const ROWS = 24;
const LENGTH = 5;

/** Three classes, each with a token of its own somewhere in the row. */
const input: ModelInput = {
  kind: 'sequence',
  batch: {
    rows: ROWS,
    length: LENGTH,
    vocabulary: 9,
    tokens: Int32Array.from({ length: ROWS * LENGTH }, (_, i) => {
      const [row, position] = [Math.floor(i / LENGTH), i % LENGTH];
      return position === row % LENGTH ? 2 + (row % 3) : 5 + ((row * 3 + position) % 4);
    }),
  },
};
const targets = Int32Array.from({ length: ROWS }, (_, row) => row % 3);
const params = { embedding: 6, units: 5, epochs: 3, batchSize: 8, learningRate: 0.02, dropout: 0.2 };

async function job(more: object = {}, strengths = [4, 64]): Promise<FitPathJob> {
  const training = { input, targets, outputs: 3, sampleWeights: new Float64Array(ROWS).fill(1) };
  return {
    model: modelByName('lstm'),
    params: { ...params, ...more },
    strengths,
    training,
    heldOut: input,
    evaluation: { input, targets, outputs: 3 },
    seed: 1,
    engine: await wasmEngine(),
  };
}

/** Keeps every checkpoint; `stopAfter` of them, the process is gone. */
function recorded(stopAfter = Infinity) {
  const saved: Checkpoint[] = [];
  const slot = {
    load: () => Promise.resolve(undefined),
    save: (checkpoint: Checkpoint) => {
      saved.push(structuredClone(checkpoint));
      return saved.length === stopAfter ? Promise.reject(new Error('killed')) : Promise.resolve();
    },
  };
  return { saved, context: fakeStageContext({}, { checkpointIntervalMs: 0, checkpoints: slot }) };
}

describe('a path of fits of a network', () => {
  it('resumes from a checkpoint after any step, in the middle of an epoch too, to the same bits', async () => {
    const undisturbed = await fitPath(await job(), fakeStageContext());
    const steps = (2 * params.epochs * ROWS) / params.batchSize;
    for (let after = 1; after <= steps; after += 2) {
      const { saved, context } = recorded(after);
      await assert.rejects(fitPath(await job(), context), /killed/);
      const slot = { load: () => Promise.resolve(saved.at(-1)), save: () => Promise.resolve() };
      const resumed = await fitPath(await job(), fakeStageContext({}, { checkpoints: slot }));
      assert.deepEqual(resumed, undisturbed, `killed after checkpoint ${after}`);
    }
  });

  it('keeps the same milestones and the same history, wherever it was killed', async () => {
    const fits = async (context: ReturnType<typeof fakeStageContext>): Promise<unknown> => {
      const seen: unknown[] = [];
      const onFitted = ({ milestones, model }: FinishedFit): Promise<void> => {
        seen.push(milestones, model.history);
        return Promise.resolve();
      };
      await fitPath({ ...(await job()), milestones: isMilestone, onFitted }, context);
      return seen;
    };
    const undisturbed = await fits(fakeStageContext());
    for (const after of [4, 8, 9]) {
      const { saved, context } = recorded(after);
      await assert.rejects(fits(context), /killed/);
      const slot = { load: () => Promise.resolve(saved.at(-1)), save: () => Promise.resolve() };
      assert.deepEqual(
        await fits(fakeStageContext({}, { checkpoints: slot })),
        undisturbed,
        `killed after ${after}`,
      );
    }
  });

  it('goes on where it was, not from the beginning', async () => {
    const { saved, context } = recorded(7);
    await assert.rejects(fitPath(await job({}, [4]), context), /killed/);
    const told: number[] = [];
    const slot = { load: () => Promise.resolve(saved.at(-1)), save: () => Promise.resolve() };
    const progress = ({ done }: { done: number }): void => void told.push(done);
    await fitPath(await job({}, [4]), fakeStageContext({}, { checkpoints: slot, progress }));
    assert.ok(told[0]! > 0.8, `first progress at ${told[0]}`);
  });

  it('fails for good where the loss is not finite, and keeps checkpoints that are', async () => {
    const { saved, context } = recorded();
    const runaway = await job({ learningRate: 1e30, clipNorm: null, optimizer: 'sgd' });
    const error = await fitPath(runaway, context).catch((reason: unknown) => reason);
    assert.ok(error instanceof DivergedError, String(error));
    assert.equal(failureRecord(error).nonRetryable, true);
    for (const { tensors } of saved) {
      for (const { name, data } of tensors) assert.ok(data.every(Number.isFinite), name);
    }
  });

  it('ends between two steps where it is cancelled', async () => {
    const stop = new AbortController();
    let steps = 0;
    const progress = (): void => {
      steps += 1;
      stop.abort(new CancelledError('stop'));
    };
    const context = fakeStageContext({}, { signal: stop.signal, progress });
    await assert.rejects(fitPath(await job(), context), CancelledError);
    assert.equal(steps, 1);
  });
});

it('training dynamics of a network are logits of every row, after every epoch', async () => {
  const context = fakeStageContext({}, { engine: wasmEngine });
  const { artifacts } = context;
  const row = Int32Array.from({ length: ROWS }, (_, i) => i);
  const columns = {
    row,
    id: [...row].map(String),
    split: new Int32Array(ROWS),
    target: targets,
    group: row,
    cluster: row,
  };
  const int32 = (name: string) => ({ name, type: 'int32' as const });
  const utf8 = (name: string) => ({ name, type: 'utf8' as const });
  const schema = [int32('row'), utf8('id'), ...['split', 'target', 'group', 'cluster'].map(int32)];
  const weights = { row, clip: Float64Array.from(row, (i) => (i === 5 ? 0 : ROWS / (ROWS - 1))) };
  const inputs = {
    samples: [await artifacts.writeTable('samples', schema, [{ rows: ROWS, columns }])],
    features: [await writeFeatures(artifacts, input)],
    classes: [
      await artifacts.writeTable(
        'classes',
        [int32('code'), utf8('name')],
        [{ rows: 3, columns: { code: Int32Array.of(0, 1, 2), name: ['a', 'b', 'c'] } }],
      ),
    ],
    weights: [
      await artifacts.writeTable(
        'weights',
        [int32('row'), { name: 'clip', type: 'float64' }],
        [{ rows: ROWS, columns: weights }],
      ),
    ],
  };
  const scheme = { seed: 1, outerFolds: 3 };
  const unit = {
    task: 'classification',
    model: { name: 'lstm', ...params },
    engine: 'auto' as const,
    scheme,
  };
  const given = { ...unit, unit: -1, policy: 'clip', strengths: [64], innerFolds: 3 };
  const { outputs } = await dynamics.run({ path: 'd', seed: 2, params: given, inputs }, context);
  const table = await gather(artifacts.readTable(outputs['dynamics']![0]!));
  assert.deepEqual([...integers(table, 'row')], [...row, ...row, ...row]);
  const { width, values } = vectors(table, 'logits');
  assert.equal(width, 3);
  const [first, last] = [values.subarray(0, 72), values.subarray(-72)];
  assert.ok(first.some((logit, i) => logit !== last[i]));
});

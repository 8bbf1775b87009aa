import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { BatchStream } from '../../activities/batchStream.js';
import { dynamics } from '../../activities/dynamics.js';
import { fit } from '../../activities/fit.js';
import { inputRows } from '../../activities/prepared.js';
import { writeFeatures } from '../../activities/featureTable.js';
import { CancelledError } from '../../contracts/errors.js';
import type { ModelInput } from '../../contracts/model.js';
import type { StageContext } from '../../contracts/store.js';
import { fromCoo } from '../../core/sparse.js';
import { gather, integers, vectors } from '../../core/table.js';
import { modelByName } from '../../models/index.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const ROWS = 60;
const scheme = { seed: 1, outerFolds: 3 };
const common = {
  task: 'classification',
  model: { name: 'linear' },
  engine: 'auto' as const,
  scheme,
  unit: -1,
  policy: 'uniform',
};
const learned = { ...common, innerFolds: 3, strengths: [4] };

/** Three features a row, all of one size; which ones has little to do with the class. */
const entries = Int32Array.from({ length: 3 * ROWS }, (_, i) => i);
const input: ModelInput = {
  kind: 'sparse',
  matrix: fromCoo(
    ROWS,
    12,
    entries.map((i) => Math.floor(i / 3)),
    entries.map((i) => 4 * (i % 3) + ((Math.floor(i / 3) * 7 + i) % 4)),
    Float32Array.from(entries, (i) => 0.5 + ((i * 13) % 10) / 10),
  ),
};

/** Two thirds training rows, the rest validation. */
async function prepared({ artifacts }: StageContext) {
  const row = Int32Array.from({ length: ROWS }, (_, i) => i);
  const columns = {
    row,
    id: [...row].map(String),
    split: row.map((i) => Number(i % 3 === 2)),
    target: row.map((i) => Number((i * i) % 5 > 1)),
    group: row,
    cluster: row,
  };
  const int32 = (name: string) => ({ name, type: 'int32' as const });
  const schema = [
    int32('row'),
    { name: 'id', type: 'utf8' as const },
    ...['split', 'target', 'group', 'cluster'].map(int32),
  ];
  const classes = { rows: 2, columns: { code: Int32Array.of(0, 1), name: ['a', 'b'] } };
  const named = [int32('code'), { name: 'name', type: 'utf8' as const }];
  return {
    samples: [await artifacts.writeTable('samples', schema, [{ rows: ROWS, columns }])],
    features: [await writeFeatures(artifacts, input)],
    classes: [await artifacts.writeTable('classes', named, [classes])],
  };
}

describe('training dynamics', () => {
  it('are the logits of every training row after every iteration, the last ones those of the fitted model', async () => {
    const context = fakeStageContext();
    const inputs = await prepared(context);
    const job = { path: 'dynamics', seed: 3, inputs };
    const { outputs, figures } = await dynamics.run({ ...job, params: learned }, context);
    const table = await gather(context.artifacts.readTable(outputs['dynamics']![0]!));
    const epochs = Number(figures['epochs']);
    assert.ok(epochs >= 2, `${epochs} iterations`);
    assert.equal(table.rows, epochs * 40);
    const [epoch, row] = [integers(table, 'epoch'), integers(table, 'row')];
    for (let i = 1; i < table.rows; i++) {
      assert.ok(epoch[i]! > epoch[i - 1]! || (epoch[i] === epoch[i - 1] && row[i]! > row[i - 1]!));
    }
    const { outputs: fitted } = await fit.run(
      { ...job, params: { ...common, strengths: [4], keepModels: true, shuffled: false } },
      context,
    );
    const tensors = await context.artifacts.readModel(fitted['models']![0]!);
    const want = modelByName('linear')
      .load(tensors)
      .predictLogits(inputRows(input, row.slice(0, 40)));
    const { width, values } = vectors(table, 'logits');
    assert.deepEqual([...values.subarray((table.rows - 40) * width)], [...want]);
  });

  it('end as cancelled where the stage is asked to stop', async () => {
    const stop = new AbortController();
    stop.abort(new CancelledError('stop'));
    const context = fakeStageContext({}, { signal: stop.signal });
    const inputs = await prepared(context);
    await assert.rejects(
      dynamics.run({ path: 'x', seed: 3, params: learned, inputs }, context),
      CancelledError,
    );
  });
});

describe('a stream of batches', () => {
  const batch = (row: number) => ({ rows: 1, columns: { row: Int32Array.of(row) } });

  it('gives every batch in order, and keeps the maker waiting until they are taken', async () => {
    const stream = new BatchStream();
    stream.push(batch(1));
    let drained = false;
    const waiting = stream.drained().then(() => (drained = true));
    await turn();
    assert.equal(drained, false);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { columns } of stream) seen.push((columns['row'] as Int32Array)[0]!);
    })();
    await waiting;
    stream.push(batch(2));
    stream.end();
    await reading;
    assert.deepEqual(seen, [1, 2]);
  });

  it('fails its reader of the error that it ends with', async () => {
    const stream = new BatchStream();
    stream.end(new RangeError('no'));
    await assert.rejects(gather(stream), RangeError);
  });

  it('lets the maker go on where the reader gave up', async () => {
    const stream = new BatchStream();
    stream.push(batch(1));
    stream.push(batch(2));
    for await (const { rows } of stream) if (rows > 0) break;
    await stream.drained();
  });
});

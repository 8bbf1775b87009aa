import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { featurize } from '../../activities/featurize.js';
import { CancelledError } from '../../contracts/errors.js';
import type { Progress } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { pickRows } from '../../core/table.js';
import { memoryArtifacts } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';
import { features, first, jobOf, manyRows, row, SPECS, tableOf } from './drawnRows.js';

/** Featurizes a table that is kept in memory, and the same gone through in parts. */
async function bothWays(
  context: StageContext,
  table: ColumnBatch,
  at: number,
  job: ReturnType<typeof jobOf>,
) {
  async function* batches() {
    for (let from = 0; from < table.rows; from += at) {
      const length = Math.min(at, table.rows - from);
      yield await Promise.resolve(
        pickRows(
          table,
          Int32Array.from({ length }, (_, i) => from + i),
        ),
      );
    }
  }
  const inputs = { dataset: [await context.artifacts.writeTable('dataset', SPECS, batches())] };
  const run = (inMemoryBytes: number) =>
    outcome(() => featurize.run({ ...job, inputs }, { ...context, inMemoryBytes }));
  return [await run(Infinity), await run(-1)] as const;
}

describe('a table that is gone through in parts', () => {
  it('gives what it gives when it is kept in memory: every byte, every figure, every error', async () => {
    const anyRows = fc.array(row, { maxLength: 30 }).map((rows) => tableOf([...first, ...rows]));
    const property = fc.asyncProperty(
      anyRows,
      features,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (table, config, at, duplicates) => {
        const context = { ...fakeStageContext(), artifacts: memoryArtifacts() };
        const [kept, inParts] = await bothWays(context, table, at, jobOf(config, duplicates));
        assert.deepEqual(inParts, kept);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('says of a row without a chance which one it is, either way', async () => {
    const wrong = tableOf([...first, { ...first[0]!, chance: 0 }]);
    const context = { ...fakeStageContext(), artifacts: memoryArtifacts() };
    for (const said of await bothWays(context, wrong, 1, jobOf({})))
      assert.match(String(said), /column "chance" of row r0002 says 0, expected a chance above 0/);
  });

  it('tells how far it is, and stops between two batches when it is told to', async () => {
    const table = tableOf(Array.from({ length: 40 }, (_, i) => first[i % 2]!));
    const told: Progress[] = [];
    const control = new AbortController();
    const context = {
      ...fakeStageContext(),
      artifacts: memoryArtifacts(),
      signal: control.signal,
      progress: (progress: Progress) => void told.push(progress),
    };
    await bothWays(context, table, 4, jobOf({}));
    const shares = told.map(({ done }) => done);
    assert.ok(shares.filter((share) => share < 1).length >= 9, `${shares.join()}`);
    assert.ok(shares.every((share) => share <= 4));
    control.abort(new CancelledError('stopped'));
    for (const said of await bothWays(context, table, 4, jobOf({}))) assert.match(String(said), /stopped/);
  });
});

describe('on a real store', () => {
  let workplace: Workplace;
  before(async () => (workplace = await openWorkplace()));
  after(() => workplace.close());

  it('the bytes are the same too, of more rows than are read at once', async () => {
    const rows = manyRows(40_000);
    const { small } = workplace.contexts({});
    for (const config of [{}, { words: { buckets: 4096 } }]) {
      const [kept, inParts] = await bothWays(small, tableOf(rows), 5000, jobOf(config, false));
      assert.equal(typeof kept, 'object', String(kept));
      assert.deepEqual(inParts, kept);
    }
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { featureBlocks } from '../../activities/featureBlocks.js';
import { writeFeatures } from '../../activities/featureTable.js';
import { gatherBlocks } from '../../core/blockMatrix.js';
import { fromRows } from '../core/linear/cases.js';
import { fakeStageContext } from '../fakes/stageContext.js';

it('stored features come back as blocks, empty rows and columns too, cut between rows', async () => {
  const row = fc.array(fc.constantFrom(0, 0, 1, -2.5), { minLength: 4, maxLength: 4 });
  const property = fc.asyncProperty(
    fc.array(row, { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 9 }),
    async (rows, size) => {
      const context = fakeStageContext();
      const matrix = fromRows(rows);
      const ref = await writeFeatures(context.artifacts, { kind: 'sparse', matrix });
      const blocks = await context.spoolMatrix(featureBlocks(context, ref, rows.length, size));
      assert.deepEqual(gatherBlocks(blocks), matrix);
      const lengths = blocks.blockRows.map((_, block) => blocks.read(block).values.length);
      assert.ok(lengths.every((length) => length <= size + 3)); // a row of four may be the last
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

it('stops between two batches when it is told to', async () => {
  const context = { ...fakeStageContext(), signal: AbortSignal.abort(new Error('stopped')) };
  const ref = await writeFeatures(context.artifacts, { kind: 'sparse', matrix: fromRows([[1]]) });
  await assert.rejects(context.spoolMatrix(featureBlocks(context, ref, 1)), /stopped/);
});

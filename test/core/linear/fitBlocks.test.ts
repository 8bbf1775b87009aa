import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BlockMatrix } from '../../../contracts/matrix.js';
import { CancelledError, DivergedError } from '../../../contracts/errors.js';
import type { LinearTraining } from '../../../core/linear/classes.js';
import { fitLinear, stateFromTensors, stateTensors, type LinearStep } from '../../../core/linear/fit.js';
import { fitBlocks, type BlockHooks, type BlockSettings } from '../../../core/linear/fitBlocks.js';
import type { LinearParameters, Scheme } from '../../../core/linear/parameters.js';
import { blocksOfRows } from '../../fakes/blocks.js';
import { randomTraining } from './cases.js';

const schemes: readonly Scheme[] = ['softmax', 'oneVsRest'];
const settings = (scheme: Scheme, more: Partial<BlockSettings> = {}): BlockSettings => ({
  ...{ C: 1, scheme, tolerance: 1e-13, maxIterations: 200, sampleEntries: 60 },
  ...more,
});
const inBlocks = (training: LinearTraining, rowsPerBlock: number): LinearTraining<BlockMatrix> => ({
  ...training,
  matrix: blocksOfRows(training.matrix, rowsPerBlock),
});

/** Largest difference of two models' numbers. */
function distance(a: LinearParameters, b: LinearParameters): number {
  const [ours, theirs] = [a, b].map(({ weights, intercept }) => [...weights, ...intercept]);
  return Math.max(...ours!.map((value, i) => Math.abs(value - theirs![i]!)));
}

for (const scheme of schemes) {
  describe(`fitBlocks, ${scheme}`, () => {
    for (const outputs of [2, 3, 5]) {
      const training = randomTraining(outputs, 90, 8, outputs);

      it(`finds the optimum that is found in memory, ${outputs} classes`, async () => {
        for (const C of [0.25, 16]) {
          const wanted = await fitLinear(training, settings(scheme, { C }));
          for (const size of [1, 7, 90]) {
            const found = await fitBlocks(inBlocks(training, size), settings(scheme, { C }));
            assert.ok(
              distance(found, wanted) < 1e-5,
              `${distance(found, wanted)} at C ${C}, blocks of ${size}`,
            );
          }
        }
      });

      it(`has a row of weight 0 absent to the last bit, of a class of its own too, ${outputs} classes`, async () => {
        const targets = training.targets.map((code, i) => (i % 4 === 3 ? outputs : code));
        const weights = training.sampleWeights.map((weight, i) => (i % 4 === 3 ? 0 : weight));
        const more = { ...training, outputs: outputs + 1, targets, sampleWeights: weights };
        const other = training.matrix.values.map((value, p) => (isOf(training, p, 3) ? value * 9 : value));
        const changed = { ...more, matrix: { ...training.matrix, values: other } };
        assert.deepEqual(
          await fitBlocks(inBlocks(more, 10), settings(scheme)),
          await fitBlocks(inBlocks(changed, 10), settings(scheme)),
        );
      });

      it(`resumes from every iteration to the same bits, ${outputs} classes`, async () => {
        const steps: LinearStep[] = [];
        const onStep: NonNullable<BlockHooks['onStep']> = async (step) => void steps.push(step);
        const blocks = inBlocks(training, 16);
        const whole = await fitBlocks(blocks, settings(scheme), { onStep });
        assert.ok(steps.length >= 3, `${steps.length} steps`);
        for (const step of steps) {
          const resume = stateFromTensors(stateTensors(step.state()));
          assert.deepEqual(await fitBlocks(blocks, settings(scheme), { resume }), whole);
        }
      });
    }
  });
}

/** Whether an entry stands in a row i with i mod 4 = `rest`. */
const isOf = ({ matrix }: LinearTraining, entry: number, rest: number): boolean =>
  (matrix.indptr.findIndex((end) => end > entry) - 1) % 4 === rest;

const training = randomTraining(3, 90, 8, 3);

it('lowers the objective with every step, and tells the gradient', async () => {
  const told: LinearStep[] = [];
  await fitBlocks(inBlocks(training, 20), settings('softmax', { C: 50 }), {
    onStep: async (step) => void told.push(step),
  });
  told.slice(1).forEach(({ objective }, i) => assert.ok(objective <= told[i]!.objective));
  assert.ok(told.at(-1)!.gradient! < told[0]!.gradient!);
});

it('begins where it is told to, and then needs fewer passes', async () => {
  const reads = async (hooks: BlockHooks): Promise<number> => {
    let count = 0;
    const { matrix, ...rest } = inBlocks(training, 90);
    const counted = { ...matrix, read: (block: number) => (count++, matrix.read(block)) };
    await fitBlocks({ ...rest, matrix: counted }, settings('softmax'), hooks);
    return count;
  };
  const start = await fitLinear(training, settings('softmax', { C: 0.9 }));
  assert.ok((await reads({ start })) < (await reads({})));
});

it('predicts the only class of the rows', async () => {
  const only = { ...training, targets: new Int32Array(90).fill(1) };
  const model = await fitBlocks(inBlocks(only, 20), settings('softmax'));
  assert.deepEqual([...model.intercept], [-30, 0, -30]);
});

it('goes on where the sample that it begins with has no weight, or not every class', async () => {
  const wanted = await fitLinear(training, settings('softmax'));
  const first = training.sampleWeights.map((weight, i) => (i % 10 === 0 ? 0 : weight));
  const unlucky = { ...training, sampleWeights: first };
  const alone = settings('softmax', { sampleEntries: Math.ceil(training.matrix.values.length / 10) });
  const found = await fitBlocks(inBlocks(unlucky, 20), alone);
  assert.ok(distance(found, await fitLinear(unlucky, settings('softmax'))) < 1e-5);
  const tiny = await fitBlocks(inBlocks(training, 20), settings('softmax', { sampleEntries: 4 }));
  assert.ok(distance(tiny, wanted) < 1e-5);
});

it('stops between two blocks when it is told to', async () => {
  const control = new AbortController();
  let blocks = 0;
  const breathe = async (): Promise<void> => {
    if (++blocks === 7) control.abort();
  };
  const fit = fitBlocks(inBlocks(training, 9), settings('softmax'), { breathe, signal: control.signal });
  await assert.rejects(fit, CancelledError);
  assert.equal(blocks, 7);
});

it('says that the loss diverged when a feature is not finite', async () => {
  const values = training.matrix.values.map((value, p) => (p === 40 ? Infinity : value));
  const broken = { ...training, matrix: { ...training.matrix, values } };
  const start = await fitLinear(training, settings('softmax'));
  await assert.rejects(fitBlocks(inBlocks(broken, 9), settings('softmax'), { start }), DivergedError);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitPath, type FinishedFit, type FitPathJob } from '../../activities/fitPath.js';
import type { Checkpoint } from '../../contracts/model.js';
import { fromCoo } from '../../core/sparse.js';
import { seeded } from '../../core/random.js';
import { linear } from '../../models/linear.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const ROWS = 240;
const FEATURES = 30;

/** Three overlapping classes of sparse rows. */
function job(strengths: readonly number[]): FitPathJob {
  const random = seeded(5, 'fitPath.test');
  const [row, column, value, targets] = [[], [], [], []] as number[][];
  for (let i = 0; i < ROWS; i++) {
    targets!.push(i % 3);
    const own = new Set([(i % 3) * 4 + random.below(6), 12 + random.below(18), 12 + random.below(18)]);
    for (const j of [...own].sort((a, b) => a - b)) {
      row!.push(i);
      column!.push(j);
      value!.push(0.5 + random.next());
    }
  }
  const matrix = fromCoo(
    ROWS,
    FEATURES,
    Int32Array.from(row!),
    Int32Array.from(column!),
    Float32Array.from(value!),
  );
  const input = { kind: 'sparse' as const, matrix };
  const sampleWeights = new Float64Array(ROWS).fill(1);
  return {
    model: linear,
    params: {},
    strengths,
    training: { input, targets: Int32Array.from(targets!), outputs: 3, sampleWeights },
    heldOut: input,
    seed: 1,
  };
}

class Killed extends Error {}

/** Runs the path with a checkpoint at every chance, killed after `lives` of them; returns what was saved last. */
async function killedAfter(
  checkpoints: number,
  strengths: readonly number[],
): Promise<Checkpoint | undefined> {
  let saved: Checkpoint | undefined;
  let count = 0;
  const context = fakeStageContext(
    {},
    {
      checkpointIntervalMs: 0,
      checkpoints: {
        load: () => Promise.resolve(undefined),
        save: (checkpoint) => {
          saved = structuredClone(checkpoint);
          if (++count === checkpoints) return Promise.reject(new Killed());
          return Promise.resolve();
        },
      },
    },
  );
  await fitPath(job(strengths), context).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  return saved;
}

describe('a path of fits over regularisation strengths', () => {
  const strengths = [0.25, 4, 64];

  it('resumes from any checkpoint, inside or between fits, to the same bits', async () => {
    const undisturbed = await fitPath(job(strengths), fakeStageContext());
    let killed = 0;
    for (let after = 1; after <= 12; after++) {
      const saved = await killedAfter(after, strengths);
      if (!saved) continue;
      killed += 1;
      const slot = { load: () => Promise.resolve(saved), save: () => Promise.resolve() };
      const resumed = await fitPath(job(strengths), fakeStageContext({}, { checkpoints: slot }));
      assert.deepEqual(resumed, undisturbed, `killed after checkpoint ${after}`);
    }
    assert.ok(killed >= 4, `only ${killed} checkpoints seen`);
  });

  it('gives logits in the order asked for, whatever order it fits in', async () => {
    const [ascending, shuffled] = [
      await fitPath(job([0.25, 4]), fakeStageContext()),
      await fitPath(job([4, 0.25]), fakeStageContext()),
    ];
    assert.deepEqual(shuffled, [ascending[1], ascending[0]]);
  });

  it('is a different model at each strength: a warm start does not stand still', async () => {
    const [weak, medium, strong] = await fitPath(job(strengths), fakeStageContext());
    const spread = (logits: Float64Array): number => Math.max(...logits) - Math.min(...logits);
    assert.ok(spread(weak!) < 0.8 * spread(medium!), `${spread(weak!)} and ${spread(medium!)}`);
    assert.ok(spread(medium!) < 0.9 * spread(strong!), `${spread(medium!)} and ${spread(strong!)}`);
  });

  it('hands out every fitted model when it is asked to', async () => {
    const seen: number[] = [];
    const onFitted = ({ strength }: FinishedFit): Promise<void> => {
      seen.push(strength);
      return Promise.resolve();
    };
    await fitPath({ ...job([4, 0.25]), onFitted }, fakeStageContext());
    assert.deepEqual(seen, [0.25, 4]);
  });
});

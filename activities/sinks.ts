import type { Checkpoint, TrainingSinks } from '../contracts/model.js';
import type { StageContext } from '../contracts/store.js';

/**
 * What a training tells its stage: checkpoints when it is time, and the turn of messages. Time decides only how often
 * there is a checkpoint, never what is in it.
 *
 * @param wrap what of the stage's own a checkpoint must hold beside the training's
 */
export function stageSinks(
  context: StageContext,
  wrap: (checkpoint: Checkpoint) => Checkpoint = (checkpoint) => checkpoint,
): Required<Pick<TrainingSinks, 'breathe' | 'checkpoint' | 'signal'>> {
  let lastMs = performance.now(); // of a clock that never jumps
  return {
    breathe: () => new Promise<void>((resolve) => setImmediate(resolve)),
    checkpoint: {
      due: () => performance.now() - lastMs >= context.checkpointIntervalMs,
      save: async (checkpoint) => {
        await context.checkpoints.save(wrap(checkpoint));
        lastMs = performance.now();
      },
    },
    signal: context.signal,
  };
}

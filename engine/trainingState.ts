import { StoreError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { Checkpoint } from '../contracts/model.js';
import { PARAMETER, type TrainState } from './runner.js';
import type { Declared } from './trace/program.js';

/** Where a training stands, apart from its arrays. */
export interface Position {
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly batch: number;
  /** Steps of all epochs that are done. */
  readonly step: number;
  /** Weighted loss of the batches of this epoch, each times its share of the epoch. */
  readonly lossSoFar: number;
  /** Of the epochs that are done. */
  readonly losses: readonly number[];
  /** What was judged after each of them; empty where nobody judges. */
  readonly qualities: readonly number[];
  readonly best: Best | undefined;
}

/** The best epoch so far. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

const POSITION = 'position';
const LOSSES = 'losses';
const QUALITIES = 'qualities';
const BEST = 'best/';

/** Everything that the rest of a training depends on. The order of rows and what is drawn follow from seed and position. */
export function toCheckpoint(
  position: Position,
  state: TrainState,
  declared: readonly Declared[],
): Checkpoint {
  const { epoch, batch, step, lossSoFar, losses, qualities, best } = position;
  const shapes = new Map(declared.map(({ name, shape }) => [name, shape]));
  const arrays = [...state].map(([name, data]): Tensor => ({ name, shape: shapes.get(name)!, data }));
  const ofBest = [...(best?.parameters ?? [])].map(([name, data]): Tensor => ({
    name: `${BEST}${name}`,
    shape: shapes.get(`${PARAMETER}/${name}`)!,
    data,
  }));
  const numbers = Float64Array.of(epoch, batch, step, lossSoFar, best?.epoch ?? -1, best?.value ?? 0);
  return {
    position: step,
    tensors: [
      { name: POSITION, shape: [numbers.length], data: numbers },
      { name: LOSSES, shape: [losses.length], data: Float64Array.from(losses) },
      { name: QUALITIES, shape: [qualities.length], data: Float64Array.from(qualities) },
      ...arrays,
      ...ofBest,
    ],
  };
}

/** @throws StoreError if the checkpoint is not one of this training */
export function fromCheckpoint(
  { tensors }: Checkpoint,
  declared: readonly Declared[],
): { position: Position; state: TrainState } {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const take = (name: string): Tensor['data'] => {
    const found = byName.get(name);
    if (found) return found.data;
    throw new StoreError(
      `checkpoint of a network: expected an array ${name}, got ${[...byName.keys()].join(', ')}`,
    );
  };
  const [epoch, batch, step, lossSoFar, bestEpoch, value] = take(POSITION) as Float64Array;
  const state = new Map(declared.map(({ name }) => [name, Float32Array.from(take(name))]));
  const parameters = new Map(
    tensors
      .filter(({ name }) => name.startsWith(BEST))
      .map(({ name, data }) => [name.slice(BEST.length), Float32Array.from(data)]),
  );
  return {
    state,
    position: {
      epoch: epoch!,
      batch: batch!,
      step: step!,
      lossSoFar: lossSoFar!,
      losses: [...take(LOSSES)],
      qualities: [...take(QUALITIES)],
      best: bestEpoch! < 0 ? undefined : { epoch: bestEpoch!, value: value!, parameters },
    },
  };
}

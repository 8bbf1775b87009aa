import type { z } from 'zod';
import { StoreError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';

const NAME = 'settings';

/** What a network's shapes depend on, to be kept among its tensors: JSON in UTF-8, a byte an element. */
export function settingsTensor(settings: unknown): Tensor {
  const bytes = new TextEncoder().encode(JSON.stringify(settings));
  return { name: NAME, shape: [bytes.length], data: Int32Array.from(bytes) };
}

/** Reads back what `settingsTensor` wrote. @throws StoreError if the tensors are of another kind of model */
export function readSettings<S>(model: string, schema: z.ZodType<S>, tensors: readonly Tensor[]): S {
  const tensor = tensors.find(({ name }) => name === NAME);
  const names = tensors.map(({ name }) => name).join(', ') || 'none';
  if (!tensor) throw new StoreError(`model ${model}: expected a tensor ${NAME}, got ${names}`);
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(Uint8Array.from(tensor.data))));
  } catch (cause) {
    throw new StoreError(`model ${model}: the tensor ${NAME} is not of a ${model} that this version knows`, {
      cause,
    });
  }
}

/** The tensors that a network computes with. */
export const parametersOf = (tensors: readonly Tensor[]): Tensor[] =>
  tensors.filter(({ name }) => name !== NAME);

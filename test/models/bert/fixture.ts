import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../../contracts/matrix.js';
import { decodeSafetensors } from '../../../storage/safetensors.js';
import { repositoryRoot } from '../../paths.js';

const file = (name: string): string => join(repositoryRoot, 'test', 'fixtures', 'bert', name);

/** A small random BERT with both heads of `BertForPreTraining`, and what transformers computes with it. */
export const checkpoint = {
  config: JSON.parse(readFileSync(file('config.json'), 'utf8')) as Record<string, unknown>,
  tensors: decodeSafetensors(readFileSync(file('model.safetensors'))).tensors,
  vocabulary: readFileSync(file('vocab.txt'), 'utf8'),
};

const found = decodeSafetensors(readFileSync(file('expected.safetensors'))).tensors;

/** tokens and segments (3, 12), states.0 … states.2 (3, 12, 32), pooled (3, 32), scores (3, 12, 57). */
export function expected(name: string): Tensor {
  const tensor = found.find((one) => one.name === name);
  if (tensor) return tensor;
  throw new RangeError(`the fixture has no ${name}: ${found.map((one) => one.name).join(', ')}`);
}

/** Largest difference of two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values beside ${b.length}`);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

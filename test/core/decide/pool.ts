import type { Pool } from '../../../core/decide/plan.js';
import { seeded } from '../../../core/random.js';

/** n rows of three classes; the models differ on a fifth, the label is something else on a fifth. */
export function pool(n: number, seed = 1): Pool {
  const random = seeded(seed, 'pool');
  const first = Int32Array.from({ length: n }, () => random.below(3));
  const other = (label: number): number => (label + 1 + random.below(2)) % 3;
  return {
    first,
    second: first.map((label) => (random.next() < 0.2 ? other(label) : label)),
    given: first.map((label) => (random.next() < 0.2 ? other(label) : label)),
  };
}

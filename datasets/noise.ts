import type { Split } from '../contracts/prepared.js';
import type { NoiseRecipe, Sha256Of } from './dataset.js';
import { orderByHash } from './recipe.js';

export interface NoiseInput {
  /** Names the set in the hashes. */
  readonly name: string;
  readonly targets: readonly (string | null)[]; // (n,); null rows are never flipped and don't count
  readonly splits: readonly Split[]; // (n,)
  readonly texts: readonly string[]; // (n,); decides which classes are confusable
}

/** Targets after planting. `flipped[i]` is true where they differ from the truth. */
export interface PlantedNoise {
  readonly targets: readonly (string | null)[]; // (n,)
  readonly flipped: readonly boolean[]; // (n,)
}

/**
 * Flips ⌊rate·n⌋ targets of the n training rows, and as many of the validation rows: those with the smallest
 * SHA-256("{seed}:flip:{name}:{row}"). Uniform: the new target is number (first 32 bits of SHA-256("{seed}:new:{name}:
 * {row}") mod K−1) of the other classes in sorted order. Test rows are never touched.
 */
export function plantNoise(
  input: NoiseInput,
  { rate, kind, seed }: NoiseRecipe,
  sha256: Sha256Of,
): PlantedNoise {
  const { name, targets, splits } = input;
  const targetsOut = [...targets];
  const flipped = new Array<boolean>(targets.length).fill(false);
  const classes = [...new Set(targets.filter((target) => target !== null))].sort();
  const partner = kind === 'pair' ? confusableClasses(input, classes) : undefined;
  for (const side of ['train', 'validation'] as const) {
    const rows = Array.from(targets.keys()).filter((row) => splits[row] === side && targets[row] !== null);
    const ordered = orderByHash(rows, (row) => sha256(`${seed}:flip:${name}:${row}`));
    for (const row of ordered.slice(0, Math.floor(rate * rows.length))) {
      const truth = targets[row]!;
      const others = classes.filter((other) => other !== truth);
      const draw = parseInt(sha256(`${seed}:new:${name}:${row}`).slice(0, 8), 16);
      targetsOut[row] = partner?.get(truth) ?? others[draw % others.length]!;
      flipped[row] = true;
    }
  }
  return { targets: targetsOut, flipped };
}

/**
 * For each class, the other one whose training texts use the most similar words: highest cosine between the classes'
 * summed token counts, each token divided by the number of classes that use it; of equals the first by name.
 */
export function confusableClasses(
  { targets, splits, texts }: NoiseInput,
  classes: readonly string[],
): ReadonlyMap<string, string> {
  const centroids = new Map(classes.map((name) => [name, new Map<string, number>()]));
  targets.forEach((target, row) => {
    if (target === null || splits[row] !== 'train') return;
    const counts = centroids.get(target)!;
    for (const [token] of texts[row]!.toLowerCase().matchAll(TOKEN))
      counts.set(token, (counts.get(token) ?? 0) + 1);
  });
  const users = new Map<string, number>();
  for (const counts of centroids.values()) {
    for (const token of counts.keys()) users.set(token, (users.get(token) ?? 0) + 1);
  }
  for (const counts of centroids.values()) normalise(counts, users);
  const similarity = (a: string, b: string): number => dot(centroids.get(a)!, centroids.get(b)!);
  return new Map(
    classes.map((name) => {
      const others = classes.filter((other) => other !== name);
      return [
        name,
        others.reduce((best, other) => (similarity(name, other) > similarity(name, best) ? other : best)),
      ];
    }),
  );
}

/** Words; of Chinese and Japanese, where words aren't spaced, single characters. */
const TOKEN = /\p{Script=Han}|[\p{L}\p{N}_]+?(?=\p{Script=Han}|[^\p{L}\p{N}_]|$)/gu;

function normalise(counts: Map<string, number>, users: ReadonlyMap<string, number>): void {
  for (const [token, count] of counts) counts.set(token, count / users.get(token)!);
  const length = Math.sqrt([...counts.values()].reduce((sum, count) => sum + count * count, 0)) || 1;
  for (const [token, count] of counts) counts.set(token, count / length);
}

function dot(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [token, count] of a) sum += count * (b.get(token) ?? 0);
  return sum;
}

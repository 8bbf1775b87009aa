import { ConfigError } from '../contracts/errors.js';

/**
 * The known name that was probably meant: fewest edits (insert, delete, replace), letter case and `-`, `_`, space
 * not counted; the first of equals.
 *
 * @returns undefined where even the nearest differs in more than a third of its letters (but two edits are allowed)
 */
export const nearestName = (name: string, known: readonly string[]): string | undefined =>
  nearestNames(name, known, 1)[0];

/** The known names that were probably meant, by the same rule: at most `limit`, the nearest first. */
export function nearestNames(name: string, known: readonly string[], limit: number): string[] {
  const meant = plain(name);
  const near = known.flatMap((candidate) => {
    const allowed = Math.min(Math.max(2, Math.floor(candidate.length / 3)), candidate.length - 1);
    if (Math.abs(plain(candidate).length - meant.length) > allowed) return [];
    const edits = editDistance(meant, plain(candidate));
    return edits <= allowed ? [{ candidate, edits }] : [];
  });
  return near
    .sort((a, b) => a.edits - b.edits)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/**
 * The item of a registry that is called `name`.
 *
 * @throws ConfigError that names `where`, what is known, and the nearest name
 */
export function findByName<T extends { readonly name: string }>(
  where: string,
  items: readonly T[],
  name: string,
): T {
  const found = items.find((item) => item.name === name);
  if (found) return found;
  const known = items.map((item) => item.name);
  const nearest = nearestName(name, known);
  const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  throw new ConfigError(`${where}: expected ${known.join(' | ')}, got "${name}"${advice}`);
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

/** Levenshtein distance in UTF-16 code units. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}

/**
 * Catalogue coverage: the share of a catalogue that is among the first k of anybody's list.
 *
 * @param lists recommended items of each user, the best first
 * @param catalogue number of items that could have been recommended
 * @returns in [0, 1]
 * @throws RangeError where k or the catalogue is not positive, or more items were recommended than it has
 */
export function catalogueCoverage(
  lists: readonly (readonly (string | number)[])[],
  k: number,
  catalogue: number,
): number {
  if (!(k >= 1)) throw new RangeError(`coverage@k: expected k of at least 1, got ${k}`);
  const shown = new Set(lists.flatMap((list) => list.slice(0, k)));
  if (!(catalogue >= Math.max(1, shown.size))) {
    throw new RangeError(
      `coverage@${k}: expected a catalogue of at least the ${shown.size} items shown, got ${catalogue}`,
    );
  }
  return shown.size / catalogue;
}

import { closest, distance } from 'fastest-levenshtein';

/** The known name that was probably meant: at most a third of its letters differ; undefined where none is near. */
export function nearestName(found: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(found.toLowerCase(), known);
  const allowed = Math.max(1, Math.ceil(Math.max(found.length, near.length) / 3));
  return distance(found.toLowerCase(), near.toLowerCase()) <= allowed ? near : undefined;
}

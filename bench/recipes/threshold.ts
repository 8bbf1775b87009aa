/** F1 of a match where all rows of at least this probability are called one. */
export function f1At(p: Float64Array, targets: Int32Array, threshold: number): number {
  let [hits, said, are] = [0, 0, 0];
  p.forEach((one, i) => {
    hits += Number(one >= threshold && targets[i] === 1);
    said += Number(one >= threshold);
    are += targets[i]!;
  });
  return (2 * hits) / Math.max(1, said + are);
}

/** The threshold of these rows with the highest F1. */
export const bestThreshold = (p: Float64Array, targets: Int32Array): number =>
  [...p].reduce((best, one) => (f1At(p, targets, one) > f1At(p, targets, best) ? one : best), 0.5);

/** Scalar products by group: entry i belongs to group i mod out.length. */
export function dots(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const groups = out.length;
  if (groups === 1) {
    let [even, odd] = [0, 0];
    let i = 0;
    for (; i + 1 < a.length; i += 2) {
      even += a[i]! * b[i]!;
      odd += a[i + 1]! * b[i + 1]!;
    }
    if (i < a.length) even += a[i]! * b[i]!;
    out[0] = even + odd;
    return;
  }
  out.fill(0);
  for (let at = 0; at < a.length; at += groups) {
    for (let g = 0; g < groups; g++) out[g]! += a[at + g]! * b[at + g]!;
  }
}

/** y += scale·x, the scale by group. */
export function addScaled(y: Float64Array, x: Float64Array, scales: Float64Array): void {
  const groups = scales.length;
  if (groups === 1) {
    const scale = scales[0]!;
    for (let i = 0; i < y.length; i++) y[i]! += scale * x[i]!;
    return;
  }
  for (let at = 0; at < y.length; at += groups) {
    for (let g = 0; g < groups; g++) y[at + g]! += scales[g]! * x[at + g]!;
  }
}

/** Largest absolute entry by group. */
export function maxima(a: Float64Array, out: Float64Array): void {
  const groups = out.length;
  out.fill(0);
  for (let at = 0; at < a.length; at += groups) {
    for (let g = 0; g < groups; g++) {
      const size = Math.abs(a[at + g]!);
      if (!(size <= out[g]!)) out[g] = size; // NaN wins
    }
  }
}

/** Sums of a²·b by group. */
export function squares(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const groups = out.length;
  out.fill(0);
  for (let at = 0; at < a.length; at += groups) {
    for (let g = 0; g < groups; g++) out[g]! += a[at + g]! ** 2 * b[at + g]!;
  }
}

/** y = a·b + scale·y, the scale by group. */
export function turn(y: Float64Array, a: Float64Array, b: Float64Array, scales: Float64Array): void {
  const groups = scales.length;
  for (let at = 0; at < y.length; at += groups) {
    for (let g = 0; g < groups; g++) y[at + g] = a[at + g]! * b[at + g]! + scales[g]! * y[at + g]!;
  }
}

/** y += row, to each row of y. */
export function addToRows(y: Float64Array, row: Float64Array): void {
  const width = row.length;
  for (let at = 0; at < y.length; at += width) {
    for (let k = 0; k < width; k++) y[at + k]! += row[k]!;
  }
}

/** Sums of y's columns. */
export function sumRows(y: Float64Array, out: Float64Array): void {
  const width = out.length;
  out.fill(0);
  for (let at = 0; at < y.length; at += width) {
    for (let k = 0; k < width; k++) out[k]! += y[at + k]!;
  }
}

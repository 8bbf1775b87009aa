import type { ProblemRows } from './problem.js';

/** log(1 + eᶻ), without overflow. */
export const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Turns logits into probabilities in place; adds each group's loss to `losses`. */
export function probabilities(problem: ProblemRows, z: Float64Array, losses: Float64Array): void {
  losses.fill(0);
  if (problem.link === 'softmax') losses[0] = softmaxRows(problem, z);
  else sigmoidRows(problem, z, losses);
}

function softmaxRows({ targets, shares, width }: ProblemRows, z: Float64Array): number {
  let loss = 0;
  for (let i = 0, at = 0; i < targets.length; i++, at += width) {
    let largest = z[at]!;
    for (let k = 1; k < width; k++) {
      const value = z[at + k]!;
      if (value > largest) largest = value;
    }
    const given = z[at + targets[i]!]! - largest;
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const e = Math.exp(z[at + k]! - largest);
      z[at + k] = e;
      sum += e;
    }
    const scale = 1 / sum;
    for (let k = 0; k < width; k++) z[at + k]! *= scale;
    loss += shares[i]! * (Math.log(sum) - given);
  }
  return loss;
}

function sigmoidRows({ targets, shares, width }: ProblemRows, z: Float64Array, losses: Float64Array): void {
  for (let i = 0, at = 0; i < targets.length; i++, at += width) {
    for (let k = 0; k < width; k++) {
      const value = z[at + k]!;
      const e = Math.exp(-Math.abs(value));
      const positive = targets[i] === (width === 1 ? 1 : k);
      losses[k]! += shares[i]! * (Math.max(positive ? -value : value, 0) + Math.log1p(e));
      z[at + k] = (value > 0 ? 1 : e) / (1 + e);
    }
  }
}

/** r = s·(p − y), (n × q): the loss's gradient by logits. */
export function residuals({ targets, shares, width }: ProblemRows, p: Float64Array, r: Float64Array): void {
  for (let i = 0, at = 0; i < targets.length; i++, at += width) {
    const share = shares[i]!;
    for (let k = 0; k < width; k++) r[at + k] = share * p[at + k]!;
    if (width > 1) r[at + targets[i]!]! -= share;
    else if (targets[i] === 1) r[at]! -= share;
  }
}

/** out = D·u, (n × q), D the loss's Hessian by logits. */
export function curvature(problem: ProblemRows, p: Float64Array, u: Float64Array, out: Float64Array): void {
  const { targets, shares, width, link } = problem;
  for (let i = 0, at = 0; i < targets.length; i++, at += width) {
    const share = shares[i]!;
    if (link === 'softmax') {
      let mean = 0;
      for (let k = 0; k < width; k++) mean += p[at + k]! * u[at + k]!;
      for (let k = 0; k < width; k++) out[at + k] = share * p[at + k]! * (u[at + k]! - mean);
    } else {
      for (let k = 0; k < width; k++) out[at + k] = share * p[at + k]! * (1 - p[at + k]!) * u[at + k]!;
    }
  }
}

/** out = diagonal of D, (n × q). */
export function curvatureDiagonal(
  { shares, width }: Pick<ProblemRows, 'shares' | 'width'>,
  p: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0, at = 0; i < shares.length; i++, at += width) {
    const share = shares[i]!;
    for (let k = 0; k < width; k++) out[at + k] = share * p[at + k]! * (1 - p[at + k]!);
  }
}

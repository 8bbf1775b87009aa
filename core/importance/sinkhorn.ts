/** An entropic optimal-transport problem between two weighted sets. */
export interface Transport {
  readonly costs: Float64Array; // (n, m) row-major, at least 0
  readonly source: Float64Array; // (n,), non-negative, sums to 1
  readonly target: Float64Array; // (m,), positive, sums to 1
}

/** Its dual solution. */
export interface TransportDual {
  readonly f: Float64Array; // (n,), what a unit of mass at each source point costs, up to a constant
  readonly g: Float64Array; // (m,)
  readonly cost: number; // ⟨f, source⟩ + ⟨g, target⟩
}

/**
 * Sinkhorn's iterations in logarithms, until no potential of the target moves by more than a thousandth of the
 * regularisation, or for so many rounds.
 *
 * @param regularisation ε, in the unit of the costs
 * @param start potentials to begin with
 * @source Cuturi, Sinkhorn Distances, NeurIPS 2013; Peyré & Cuturi, Computational Optimal Transport, 2019, section 4.4
 */
export function sinkhorn(
  { costs, source, target }: Transport,
  regularisation: number,
  rounds: number,
  start?: Float64Array,
): TransportDual {
  const [n, m] = [source.length, target.length];
  const g = start?.slice() ?? new Float64Array(m);
  const f = new Float64Array(n);
  const logSource = source.map((mass) => Math.log(mass));
  const logTarget = target.map((mass) => Math.log(mass));
  const highest = new Float64Array(m);
  const sums = new Float64Array(m);
  for (let round = 0; round < rounds; round++) {
    softMinimumOfRows(costs, g, logTarget, regularisation, f);
    highest.fill(-Infinity);
    sums.fill(0);
    // log Σᵢ of each column, row by row, rescaled when a larger term comes.
    for (let i = 0; i < n; i++) {
      if (logSource[i] === -Infinity) continue;
      for (let j = 0; j < m; j++) {
        const term = (f[i]! - costs[i * m + j]!) / regularisation + logSource[i]!;
        if (term > highest[j]!) {
          sums[j] = sums[j]! * Math.exp(highest[j]! - term) + 1;
          highest[j] = term;
        } else sums[j]! += Math.exp(term - highest[j]!);
      }
    }
    let moved = 0;
    for (let j = 0; j < m; j++) {
      const next = -regularisation * (highest[j]! + Math.log(sums[j]!));
      moved = Math.max(moved, Math.abs(next - g[j]!));
      g[j] = next;
    }
    if (moved < 1e-3 * regularisation) break;
  }
  softMinimumOfRows(costs, g, logTarget, regularisation, f);
  const cost = weigh(f, source) + weigh(g, target);
  return { f, g, cost };
}

/** f = −ε log Σⱼ exp((gⱼ − cᵢⱼ)/ε + log bⱼ). */
function softMinimumOfRows(
  costs: Float64Array,
  g: Float64Array,
  logTarget: Float64Array,
  regularisation: number,
  f: Float64Array,
): void {
  const m = g.length;
  const terms = new Float64Array(m);
  for (let i = 0; i < f.length; i++) {
    let highest = -Infinity;
    for (let j = 0; j < m; j++) {
      const term = (g[j]! - costs[i * m + j]!) / regularisation + logTarget[j]!;
      terms[j] = term;
      if (term > highest) highest = term;
    }
    let sum = 0;
    for (let j = 0; j < m; j++) sum += Math.exp(terms[j]! - highest);
    f[i] = -regularisation * (highest + Math.log(sum));
  }
}

const weigh = (values: Float64Array, masses: Float64Array): number =>
  values.reduce((sum, value, i) => (masses[i]! > 0 ? sum + value * masses[i]! : sum), 0);

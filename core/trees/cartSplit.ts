/** How impure a node is: Gini's index or Shannon's entropy. */
export type Criterion = 'gini' | 'entropy';

/** The rows of a node as one column lists them: `entries[from … to)`, by value, the missing ones last. */
export interface NodeColumn {
  readonly feature: number;
  readonly categorical: boolean;
  readonly entries: Int32Array; // of a dense column, the rows themselves
  from: number;
  to: number;
  readonly rowOf: Int32Array; // by entry
  readonly valueOf: Float64Array; // by entry
  missing: number; // at the end of the range
  readonly anyMissing: boolean; // in any node
  readonly sparse: boolean; // rows of the node that aren't listed have the value 0
}

/** The best division that was seen so far. */
export interface BestSplit {
  gain: number; // what the criterion is judged by, higher is better; −∞: none was seen
  feature: number;
  threshold: number;
  missingLeft: boolean;
  categories: readonly number[] | undefined;
}

/** Weights by class on both sides of a cut that moves through a node. */
export interface Sweep {
  readonly criterion: Criterion;
  readonly minLeaf: number; // least weight of a side
  readonly classOf: Int32Array; // (n,)
  readonly weightOf: Float64Array; // (n,)
  rows: number; // of the node
  readonly total: Float64Array; // (K,), of the node
  readonly left: Float64Array; // (K,)
  readonly block: Float64Array; // (K,) of rows with the same value that move as one
  readonly best: BestSplit;
}

/** Tries every cut of a column, and keeps the best in `sweep.best` if it is better than what is there. */
export function searchColumn(sweep: Sweep, column: NodeColumn): void {
  if (column.categorical) searchCategories(sweep, column);
  else if (column.sparse || column.missing > 0) searchWithBlocks(sweep, column);
  else searchDense(sweep, column);
}

const sumOf = (values: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
};

const squaresOf = (values: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
};

/** Middle of two neighbours, as scikit-learn rounds it. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= high || !Number.isFinite(middle) ? low : middle;
}

/** The loop that takes a forest's time: every row is listed, and has a value. */
function searchDense(sweep: Sweep, { feature, entries, from, to, valueOf }: NodeColumn): void {
  const { criterion, minLeaf, classOf, weightOf, total, left, best } = sweep;
  const gini = criterion === 'gini';
  left.fill(0);
  const whole = sumOf(total);
  let squaresLeft = 0;
  let squaresRight = squaresOf(total);
  let weightLeft = 0;
  let previous = valueOf[entries[from]!]!;
  let gain = best.gain;
  let [low, high, leftAtBest] = [0, 0, 0];
  for (let p = from; p < to; p++) {
    const row = entries[p]!;
    const value = valueOf[row]!;
    if (value > previous) {
      const weightRight = whole - weightLeft;
      if (weightLeft >= minLeaf && weightRight >= minLeaf) {
        const seen = gini
          ? (squaresLeft * weightRight + squaresRight * weightLeft) / (weightLeft * weightRight)
          : entropyGain(left, total, weightLeft, weightRight);
        if (seen > gain) {
          gain = seen;
          low = previous;
          high = value;
          leftAtBest = weightLeft;
        }
      }
      previous = value;
    }
    const code = classOf[row]!;
    const weight = weightOf[row]!;
    const before = left[code]!;
    squaresLeft += weight * (2 * before + weight);
    squaresRight += weight * (weight - 2 * (total[code]! - before));
    left[code] = before + weight;
    weightLeft += weight;
  }
  if (!(gain > best.gain)) return;
  best.gain = gain;
  best.feature = feature;
  best.threshold = between(low, high);
  best.missingLeft = leftAtBest * 2 > whole; // none is missing here: it would follow the heavier side
  best.categories = undefined;
}

/** Minus the sides' weighted entropies, in nats. */
function entropyGain(left: Float64Array, total: Float64Array, weightLeft: number, weightRight: number) {
  let gain = 0;
  for (let k = 0; k < left.length; k++) {
    const l = left[k]!;
    const r = total[k]! - l;
    if (l > 0) gain += l * Math.log(l / weightLeft);
    if (r > 0) gain += r * Math.log(r / weightRight);
  }
  return gain;
}

/** Judges the cut where `sweep.left` stands. */
function gainOf({ criterion, minLeaf, left, total }: Sweep): number {
  const weightLeft = sumOf(left);
  const weightRight = sumOf(total) - weightLeft;
  if (!(weightLeft >= minLeaf && weightRight >= minLeaf && weightLeft > 0 && weightRight > 0))
    return -Infinity;
  if (criterion === 'entropy') return entropyGain(left, total, weightLeft, weightRight);
  let squaresLeft = 0;
  let squaresRight = 0;
  for (let k = 0; k < left.length; k++) {
    const l = left[k]!;
    const r = total[k]! - l;
    squaresLeft += l * l;
    squaresRight += r * r;
  }
  return (squaresLeft * weightRight + squaresRight * weightLeft) / (weightLeft * weightRight);
}

function consider(sweep: Sweep, feature: number, threshold: number, missingLeft: boolean | undefined): void {
  const { best, left, total } = sweep;
  const gain = gainOf(sweep);
  if (!(gain > best.gain)) return;
  best.gain = gain;
  best.feature = feature;
  best.threshold = threshold;
  best.missingLeft = missingLeft ?? sumOf(left) * 2 > sumOf(total);
  best.categories = undefined;
}

/** Adds the weights of listed rows by class. */
function addRows(
  { classOf, weightOf }: Sweep,
  { entries, rowOf }: NodeColumn,
  from: number,
  to: number,
  sums: Float64Array,
): void {
  for (let p = from; p < to; p++) {
    const row = rowOf[entries[p]!]!;
    sums[classOf[row]!]! += weightOf[row]!;
  }
}

/** Weights by class of the rows that a sparse column doesn't list, into `sweep.block`. Returns whether there are any. */
function blockOfZeros(sweep: Sweep, column: NodeColumn): boolean {
  if (!column.sparse || column.to - column.from === sweep.rows) return false;
  const listed = sweep.left; // not in use yet
  listed.fill(0);
  addRows(sweep, column, column.from, column.to, listed);
  for (let k = 0; k < listed.length; k++) sweep.block[k] = Math.max(sweep.total[k]! - listed[k]!, 0);
  return true;
}

function addAll(sums: Float64Array, more: Float64Array): void {
  for (let k = 0; k < sums.length; k++) sums[k]! += more[k]!;
}

/** Zeros that aren't listed move as one; missing values are tried on both sides. */
function searchWithBlocks(sweep: Sweep, column: NodeColumn): void {
  const { feature, entries, valueOf, missing, from, to } = column;
  const known = to - missing;
  const zeros = blockOfZeros(sweep, column);
  for (const missingLeft of missing > 0 ? [false, true] : [undefined]) {
    sweep.left.fill(0);
    if (missingLeft) addRows(sweep, column, known, to, sweep.left);
    let pending = zeros;
    let previous = NaN;
    for (let p = from; p < known || pending;) {
      const listed = p < known ? valueOf[entries[p]!]! : Infinity;
      const value = pending && listed > 0 ? 0 : listed;
      if (value > previous) consider(sweep, feature, between(previous, value), missingLeft);
      previous = value;
      if (pending && listed > 0) {
        addAll(sweep.left, sweep.block);
        pending = false;
      } else {
        addRows(sweep, column, p, p + 1, sweep.left);
        p++;
      }
    }
    if (missingLeft === false) consider(sweep, feature, Infinity, false);
  }
}

/** Weights by class of one category. */
interface Category {
  readonly code: number;
  readonly weights: Float64Array; // (K,)
  readonly weight: number;
}

/**
 * Orders the categories by their share of one class, and cuts that order; for more than two classes, by each in turn.
 *
 * @source Breiman et al., Classification and Regression Trees, 1984, section 4.2.2: for two classes the best set
 */
function searchCategories(sweep: Sweep, column: NodeColumn): void {
  const { feature, to, missing } = column;
  const categories = categoriesOf(sweep, column);
  const classes = sweep.total.length === 2 ? [1] : [...sweep.total.keys()].filter((k) => sweep.total[k]! > 0);
  for (const k of classes) {
    const ordered = categories.toSorted(
      (a, b) => a.weights[k]! / a.weight - b.weights[k]! / b.weight || a.code - b.code,
    );
    for (const missingLeft of missing > 0 ? [false, true] : [undefined]) {
      sweep.left.fill(0);
      if (missingLeft) addRows(sweep, column, to - missing, to, sweep.left);
      const last = missingLeft === false ? ordered.length : ordered.length - 1;
      for (let c = 0; c < last; c++) {
        addAll(sweep.left, ordered[c]!.weights);
        const before = sweep.best.gain;
        consider(sweep, feature, 0, missingLeft);
        if (sweep.best.gain > before) sweep.best.categories = ordered.slice(0, c + 1).map(({ code }) => code);
      }
    }
  }
}

function categoriesOf(sweep: Sweep, column: NodeColumn): Category[] {
  const { entries, valueOf, from, to, missing } = column;
  const found: Category[] = [];
  const add = (code: number, weights: Float64Array): void => {
    const weight = sumOf(weights);
    if (weight > 0) found.push({ code, weights, weight });
  };
  if (blockOfZeros(sweep, column)) add(0, sweep.block.slice());
  for (let p = from; p < to - missing;) {
    const code = valueOf[entries[p]!]!;
    const first = p;
    while (p < to - missing && valueOf[entries[p]!] === code) p++;
    const weights = new Float64Array(sweep.total.length);
    addRows(sweep, column, first, p, weights);
    add(code, weights);
  }
  return found;
}

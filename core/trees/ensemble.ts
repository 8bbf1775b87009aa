import { StoreError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';
import { gradeLogits } from '../ranking/pairs.js';
import { eachRow, type FeatureInput } from './columns.js';
import { addLeaf, type Tree } from './tree.js';

/**
 * How the leaves of an ensemble become logits: `sum` adds them, `mean` averages probabilities, `score` adds them to one
 * number that ranks.
 */
export type Combination = 'sum' | 'mean' | 'score';

/** Numbers that the trees add to for each row. */
export const sumsOf = ({ combination, outputs }: Pick<Ensemble, 'combination' | 'outputs'>): number =>
  combination === 'score' ? 1 : outputs;

/** Trees that predict together. */
export interface Ensemble {
  readonly combination: Combination;
  readonly features: number; // d
  readonly outputs: number; // K
  readonly baseline: Float64Array; // (K,), logits before the first tree
  readonly trees: readonly Tree[];
}

/**
 * Logits (n × K, row-major). A `mean` gives log-probabilities; one more tree that knows nothing is counted in, so that
 * a class that no leaf holds still has a probability.
 *
 * @throws RangeError if the input has another number of features
 */
export function ensembleLogits(ensemble: Ensemble, input: FeatureInput): Float64Array {
  const { features, baseline, trees, combination } = ensemble;
  if (input.matrix.cols !== features) {
    throw new RangeError(`trees: expected ${features} features, got ${input.matrix.cols}`);
  }
  const width = sumsOf(ensemble);
  const sums = repeated(combination === 'sum' ? baseline : new Float64Array(width), input.matrix.rows);
  eachRow(input, (values, row) => {
    for (const tree of trees) addLeaf(tree, values, sums, row * width);
  });
  return logitsOfSums(ensemble, sums, trees.length);
}

/** Logits (n × K) of what so many trees added up to; a new array. */
export function logitsOfSums(
  { combination, outputs, baseline }: Pick<Ensemble, 'combination' | 'outputs' | 'baseline'>,
  sums: Float64Array,
  trees: number,
): Float64Array {
  if (combination === 'score') return gradeLogits(sums, baseline);
  return combination === 'sum' ? sums.slice() : meanLogits(sums, outputs, trees, baseline);
}

/** Log-probabilities (n × K) from sums of `trees` trees' shares. */
function meanLogits(
  sums: Float64Array,
  outputs: number,
  trees: number,
  baseline: Float64Array,
): Float64Array {
  return sums.map((sum, at) => Math.log((sum + Math.exp(baseline[at % outputs]!)) / (trees + 1)));
}

/** `rows` copies of a row of K numbers. */
export function repeated(row: Float64Array, rows: number): Float64Array {
  const all = new Float64Array(rows * row.length);
  for (let at = 0; at < all.length; at += row.length) all.set(row, at);
  return all;
}

const COMBINATIONS = ['sum', 'mean', 'score'] as const satisfies readonly Combination[];
const PARTS = ['feature', 'threshold', 'left', 'right', 'flags', 'leafOutput', 'leafValue', 'sets'] as const;
type Part = (typeof PARTS)[number];
const DOUBLES: ReadonlySet<Part> = new Set(['threshold', 'leafValue']);
/** Parts of one length, of which `sizes` needs only one. */
const LENGTHS = ['feature', 'leafOutput', 'sets'] as const;
const lengthOf = (part: Part): (typeof LENGTHS)[number] =>
  part === 'sets' ? 'sets' : part.startsWith('leaf') && part !== 'left' ? 'leafOutput' : 'feature';

/** The ensemble as named arrays, tree after tree; {@link ensembleFrom} reads them back. */
export function ensembleTensors({ combination, features, outputs, baseline, trees }: Ensemble): Tensor[] {
  const shape = Int32Array.of(COMBINATIONS.indexOf(combination), features, outputs);
  const sizes = Int32Array.from(trees.flatMap((tree) => LENGTHS.map((part) => tree[part].length)));
  return [
    { name: 'ensemble', shape: [shape.length], data: shape },
    { name: 'baseline', shape: [outputs], data: baseline },
    { name: 'sizes', shape: [trees.length, LENGTHS.length], data: sizes },
    ...PARTS.map((name) => {
      const data = joined(
        trees.map((tree) => tree[name]),
        DOUBLES.has(name),
      );
      return { name, shape: [data.length], data };
    }),
  ];
}

function joined(parts: readonly (Int32Array | Float64Array)[], doubles: boolean): Int32Array | Float64Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = doubles ? new Float64Array(length) : new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @throws StoreError if the tensors are not those of {@link ensembleTensors} */
export function ensembleFrom(tensors: readonly Tensor[]): Ensemble {
  const shape = tensorData(tensors, 'ensemble');
  const combination = COMBINATIONS[shape[0] ?? -1];
  const sizes = tensorData(tensors, 'sizes');
  const baseline = Float64Array.from(tensorData(tensors, 'baseline'));
  if (!combination || baseline.length !== shape[2]) {
    throw new StoreError(
      `trees: expected an ensemble of ${shape[2]} classes, got ${baseline.length} of them`,
    );
  }
  const read = treeReader(tensors);
  const trees: Tree[] = [];
  for (let t = 0; t < sizes.length; t += LENGTHS.length) trees.push(read(sizes.slice(t, t + LENGTHS.length)));
  return { combination, features: shape[1]!, outputs: shape[2], baseline, trees };
}

function treeReader(tensors: readonly Tensor[]): (sizes: ArrayLike<number>) => Tree {
  const parts = new Map(PARTS.map((name) => [name, { data: tensorData(tensors, name), at: 0 }]));
  const doubles = (name: Part, sizes: ArrayLike<number>): Float64Array =>
    Float64Array.from(next(name, sizes));
  const whole = (name: Part, sizes: ArrayLike<number>): Int32Array => Int32Array.from(next(name, sizes));
  const next = (name: Part, sizes: ArrayLike<number>): Tensor['data'] => {
    const part = parts.get(name)!;
    const from = part.at;
    part.at += sizes[LENGTHS.indexOf(lengthOf(name))]!;
    if (part.at <= part.data.length) return part.data.slice(from, part.at);
    throw new StoreError(`trees: expected ${part.at} numbers or more in ${name}, got ${part.data.length}`);
  };
  return (sizes) => ({
    feature: whole('feature', sizes),
    threshold: doubles('threshold', sizes),
    left: whole('left', sizes),
    right: whole('right', sizes),
    flags: whole('flags', sizes),
    leafOutput: whole('leafOutput', sizes),
    leafValue: doubles('leafValue', sizes),
    sets: whole('sets', sizes),
  });
}

function tensorData(tensors: readonly Tensor[], name: string): Tensor['data'] {
  const tensor = tensors.find((each) => each.name === name);
  if (tensor) return tensor.data;
  throw new StoreError(
    `trees: expected a tensor ${name}, got ${tensors.map((each) => each.name).join(', ') || 'none'}`,
  );
}

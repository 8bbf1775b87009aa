import { StoreError } from '../contracts/errors.js';
import type { CsrMatrix, Tensor } from '../contracts/matrix.js';
import type { Trial, TrialSide } from '../core/benchmark/trial.js';
import type { Evidence, LinearCheckpoint } from '../core/importance/estimator.js';

/** A trial with all evidence of its training side. */
export interface TrialRecord {
  readonly trial: Trial;
  readonly evidence: Evidence;
}

const SIDES = ['train', 'validation', 'test'] as const;

/** A trial and its evidence as named arrays; what is both is stored once. */
export function trialTensors({ trial, evidence }: TrialRecord): Tensor[] {
  const { train, outputs, noisy } = trial;
  const shape = Int32Array.of(train.matrix.cols, outputs);
  const { dynamics, checkpoints = [] } = evidence;
  return [
    array('shape', shape),
    array('noisy', noisy),
    ...SIDES.flatMap((name) => sideTensors(name, trial[name])),
    array('folds', evidence.folds!),
    array('logits', evidence.logits!),
    array('dynamics', dynamics!.logits),
    array(
      'rates',
      Float64Array.from(checkpoints, ({ learningRate }) => learningRate),
    ),
    ...checkpoints.flatMap(({ weights, intercept }, t) => [
      array(`weights.${t}`, weights),
      array(`intercept.${t}`, intercept),
    ]),
  ];
}

/** @throws StoreError that names an array which is missing */
export function trialFromTensors(tensors: readonly Tensor[]): TrialRecord {
  const read = reader(tensors);
  const [cols = 0, outputs = 0] = read.integers('shape');
  const side = (name: string): TrialSide => readSide(read, name, cols);
  const [train, validation, test] = [side('train'), side('validation'), side('test')];
  const checkpoints = Array.from(read.floats('rates'), (learningRate, t): LinearCheckpoint => ({
    weights: read.floats(`weights.${t}`),
    intercept: read.floats(`intercept.${t}`),
    learningRate,
  }));
  const logits = read.singles('dynamics');
  const { targets } = train;
  return {
    trial: { outputs, train, validation, test, noisy: read.integers('noisy') },
    evidence: {
      ...{ targets, outputs, checkpoints },
      logits: read.floats('logits'),
      folds: read.integers('folds'),
      features: { kind: 'sparse', matrix: train.matrix },
      validation: {
        features: { kind: 'sparse', matrix: validation.matrix },
        targets: validation.targets,
      },
      dynamics: { epochs: logits.length / (targets.length * outputs), logits },
    },
  };
}

const array = (name: string, data: Tensor['data']): Tensor => ({ name, shape: [data.length], data });

const sideTensors = (name: string, { matrix, targets }: TrialSide): Tensor[] => [
  array(`${name}.indptr`, matrix.indptr),
  array(`${name}.indices`, matrix.indices),
  array(`${name}.values`, matrix.values),
  array(`${name}.targets`, targets),
];

function readSide(read: ReturnType<typeof reader>, name: string, cols: number): TrialSide {
  const targets = read.integers(`${name}.targets`);
  const matrix: CsrMatrix = {
    ...{ rows: targets.length, cols },
    indptr: read.integers(`${name}.indptr`),
    indices: read.integers(`${name}.indices`),
    values: read.singles(`${name}.values`),
  };
  return { matrix, targets };
}

/** Typed access by name. */
function reader(tensors: readonly Tensor[]) {
  const byName = new Map(tensors.map(({ name, data }) => [name, data]));
  const find = <T extends Tensor['data']>(name: string, is: abstract new (...given: never) => T): T => {
    const data = byName.get(name);
    if (data instanceof is) return data;
    throw new StoreError(`benchmark trial: expected an array ${name} (${is.name}), got ${typeof data}`);
  };
  return {
    integers: (name: string): Int32Array => find(name, Int32Array),
    floats: (name: string): Float64Array => find(name, Float64Array),
    singles: (name: string): Float32Array => find(name, Float32Array),
  };
}

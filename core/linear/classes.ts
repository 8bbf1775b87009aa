import type { CsrMatrix } from '../../contracts/matrix.js';
import { ABSENT, emptyParameters, type LinearParameters, type Scheme } from './parameters.js';
import { type Link, newProblem, priorParameters, type LinearProblem, type ProblemShape } from './problem.js';

/** Rows to fit, with the model's class codes. */
export interface LinearTraining<Matrix extends { readonly cols: number } = CsrMatrix> {
  readonly matrix: Matrix; // (n, d)
  readonly targets: Int32Array; // (n,), in [0, outputs)
  readonly outputs: number; // K
  readonly sampleWeights: Float64Array; // (n,), non-negative
}

/** A problem over the classes that have a row of positive weight, and the way back to all classes. */
export interface ClassProblem<Problem extends ProblemShape = LinearProblem> {
  readonly problem: Problem;
  readonly present: readonly number[]; // class codes; the problem's class i is present[i]
  readonly scheme: Scheme;
  readonly outputs: number; // K
}

/**
 * Two classes make one logit, whatever the scheme, as in scikit-learn. Undefined when fewer than two classes have rows:
 * there is nothing to fit.
 */
export const classProblem = (training: LinearTraining, C: number, scheme: Scheme): ClassProblem | undefined =>
  overClasses(training, scheme, ({ targets, link, width }) =>
    newProblem(training.matrix, targets, training.sampleWeights, C, link, width),
  );

/** The targets of a problem, as places in `present`. */
interface ClassTargets {
  readonly targets: Int32Array; // (n,); of rows of weight 0 any place
  readonly link: Link;
  readonly width: number;
}

/** The same for a problem of another kind. */
export function overClasses<Problem extends ProblemShape>(
  training: Omit<LinearTraining, 'matrix'>,
  scheme: Scheme,
  make: (classes: ClassTargets) => Problem,
): ClassProblem<Problem> | undefined {
  const present = presentClasses(training);
  if (present.length < 2) return undefined;
  const codeOf = new Int32Array(training.outputs).fill(-1);
  present.forEach((code, i) => (codeOf[code] = i));
  const targets = training.targets.map((code) => Math.max(0, codeOf[code] ?? 0));
  const width = present.length === 2 ? 1 : present.length;
  const link = scheme === 'softmax' && width > 1 ? 'softmax' : 'sigmoid';
  return { problem: make({ targets, link, width }), present, scheme, outputs: training.outputs };
}

export function presentClasses({
  targets,
  sampleWeights,
  outputs,
}: Omit<LinearTraining, 'matrix'>): number[] {
  const seen = new Uint8Array(outputs);
  for (let i = 0; i < targets.length; i++) if (sampleWeights[i]! > 0) seen[targets[i]!] = 1;
  return Array.from(seen.keys()).filter((code) => seen[code] === 1);
}

/** The model of all classes that a problem's parameters stand for; softmax intercepts are brought to mean 0. */
export function expand(classes: ClassProblem<ProblemShape>, theta: Float64Array): LinearParameters {
  const { problem, present, scheme, outputs } = classes;
  const { matrix, width, link } = problem;
  const model = emptyParameters(scheme, matrix.cols, outputs);
  // Two classes: softmax splits the logit between them, one-vs-rest gives each its own sign of it.
  const signs = width > 1 ? undefined : scheme === 'softmax' ? [-0.5, 0.5] : [-1, 1];
  present.forEach((code, i) => {
    for (let j = 0; j <= matrix.cols; j++) {
      const value = signs ? signs[i]! * theta[j]! : theta[j * width + i]!;
      if (j < matrix.cols) model.weights[j * outputs + code] = value;
      else model.intercept[code] = value;
    }
  });
  if (link === 'softmax') {
    const mean = present.reduce((sum, code) => sum + model.intercept[code]!, 0) / present.length;
    for (const code of present) model.intercept[code]! -= mean;
  }
  return model;
}

/**
 * The problem's parameters nearest to a model's: where a warm start begins. A class that the model never saw starts at
 * its share.
 *
 * @throws RangeError if the model has other features or classes
 */
export function compact(classes: ClassProblem<ProblemShape>, model: LinearParameters): Float64Array {
  const { problem, present, scheme, outputs } = classes;
  const { matrix, width } = problem;
  if (model.features !== matrix.cols || model.outputs !== outputs) {
    throw new RangeError(
      `warm start: expected a model of ${matrix.cols} features and ${outputs} classes, got ${model.features} and ${model.outputs}`,
    );
  }
  const theta = priorParameters(problem);
  const known = (code: number): boolean => model.intercept[code]! > ABSENT;
  const at = (j: number, code: number): number =>
    j < matrix.cols ? model.weights[j * outputs + code]! : model.intercept[code]!;
  if (width === 1) {
    const [first, second] = present as [number, number];
    if (!known(first) || !known(second)) return theta;
    const difference = scheme === 'softmax' ? 1 : 0.5;
    for (let j = 0; j <= matrix.cols; j++) theta[j] = difference * (at(j, second) - at(j, first));
    return theta;
  }
  const everyKnown = present.every(known); // intercepts are relative to each other
  present.forEach((code, i) => {
    if (!known(code)) return;
    for (let j = 0; j < matrix.cols; j++) theta[j * width + i] = at(j, code);
    if (everyKnown || scheme === 'oneVsRest') theta[matrix.cols * width + i] = at(matrix.cols, code);
  });
  return theta;
}

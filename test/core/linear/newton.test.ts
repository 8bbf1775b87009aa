import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { newtonDirection } from '../../../core/linear/conjugateGradient.js';
import { curvature, probabilities, residuals } from '../../../core/linear/links.js';
import { addRow, multiply, multiplyRows } from '../../../core/linear/multiply.js';
import {
  backward,
  forward,
  groupsOf,
  newProblem,
  sizeOf,
  type LinearProblem,
} from '../../../core/linear/problem.js';
import { newWorkspace } from '../../../core/linear/workspace.js';
import { seeded } from '../../../core/random.js';
import { transpose } from '../../../core/sparse.js';
import { randomTraining } from './cases.js';

const problems: LinearProblem[] = [];
afterEach(() => problems.splice(0).forEach(({ workspace }) => workspace.release()));

function newCase(link: 'softmax' | 'sigmoid', width: number) {
  const { matrix, targets, sampleWeights } = randomTraining(5, 30, 6, Math.max(2, width));
  const problem = newProblem(matrix, targets, sampleWeights, 2, link, width);
  problems.push(problem);
  const random = seeded(1, 'newton');
  const theta = Float64Array.from({ length: sizeOf(problem) }, () => random.normal());
  return { problem, theta, random };
}

/** Objective and gradient, by the solver's own parts. */
function evaluate(problem: LinearProblem, theta: Float64Array) {
  const { buffers, matrix, width, penalty } = problem;
  const losses = new Float64Array(groupsOf(problem));
  buffers.theta.set(theta);
  forward(problem, buffers.theta, buffers.p);
  probabilities(problem, buffers.p, losses);
  residuals(problem, buffers.p, buffers.work);
  backward(problem, buffers.work, buffers.theta, buffers.gradient);
  const squares = theta.subarray(0, matrix.cols * width).reduce((sum, value) => sum + value * value, 0);
  return {
    objective: losses.reduce((a, b) => a + b) + 0.5 * penalty * squares,
    gradient: buffers.gradient.slice(),
  };
}

const STEP = 1e-5;
const links = [
  { link: 'softmax', width: 3 },
  { link: 'sigmoid', width: 3 },
  { link: 'sigmoid', width: 1 },
] as const;

for (const { link, width } of links) {
  describe(`${link} of ${width}`, () => {
    it('has the gradient that finite differences give', () => {
      const { problem, theta } = newCase(link, width);
      const { gradient } = evaluate(problem, theta);
      theta.forEach((value, i) => {
        const at = (moved: number): number => evaluate(problem, theta.with(i, moved)).objective;
        const difference = (at(value + STEP) - at(value - STEP)) / (2 * STEP);
        assert.ok(Math.abs(difference - gradient[i]!) < 1e-8, `${i}: ${difference}, ${gradient[i]}`);
      });
    });

    it('has the product with the Hessian that differences of gradients give', () => {
      const { problem, theta, random } = newCase(link, width);
      const v = theta.map(() => random.normal());
      const { buffers } = problem;
      evaluate(problem, theta);
      buffers.direction.set(v);
      forward(problem, buffers.direction, buffers.image);
      curvature(problem, buffers.p, buffers.image, buffers.work);
      backward(problem, buffers.work, buffers.direction, buffers.product);
      const product = buffers.product.slice();
      const gradientAt = (t: number) =>
        evaluate(
          problem,
          theta.map((value, i) => value + t * v[i]!),
        ).gradient;
      const [ahead, behind] = [gradientAt(STEP), gradientAt(-STEP)];
      product.forEach((value, i) => {
        assert.ok(Math.abs((ahead[i]! - behind[i]!) / (2 * STEP) - value) < 1e-8);
      });
    });

    it('goes downhill', () => {
      const { problem, theta } = newCase(link, width);
      const { gradient } = evaluate(problem, theta);
      const active = new Uint8Array(groupsOf(problem)).fill(1);
      newtonDirection(problem, active, {
        relativeResidual: 0.1,
        maxProducts: 50,
        onProduct: () => undefined,
      });
      assert.ok(problem.buffers.step.reduce((sum, value, i) => sum + value * gradient[i]!, 0) < 0);
    });
  });
}

it('multiplies in WebAssembly to the bits of the plain loop, for every width and row length', () => {
  for (const width of [1, 2, 3, 4, 5, 8, 77]) {
    const { matrix } = randomTraining(width, 40, 11, 2);
    for (const sparse of [matrix, transpose(matrix)]) {
      const dense = Float64Array.from({ length: sparse.cols * width }, (_, i) => Math.sin(i + 1));
      const wanted = new Float64Array(sparse.rows * width);
      multiply(sparse, dense, width, wanted);
      const workspace = newWorkspace(1e6, 1);
      const [placed, b, out] = [
        workspace.place(sparse),
        workspace.vector(dense.length),
        workspace.vector(wanted.length),
      ];
      b.set(dense);
      workspace.multiply(placed, b, width, out);
      assert.deepEqual(Float64Array.from(out), wanted);
      workspace.release();
    }
  }
});

it('multiplies and adds single rows in WebAssembly to the bits of the plain loops', () => {
  for (const width of [1, 2, 3, 4, 5, 8, 77]) {
    const { matrix } = randomTraining(width, 20, 11, 2);
    const dense = Float64Array.from({ length: matrix.cols * width }, (_, i) => Math.sin(i + 1));
    const workspace = newWorkspace(1e6, 1);
    const placed = workspace.place(matrix);
    const [b, out] = [workspace.vector(dense.length), workspace.vector(width)];
    b.set(dense);
    const wanted = new Float64Array(width);
    for (let row = 0; row < matrix.rows; row++) {
      multiplyRows(matrix, dense, width, wanted, row, row + 1);
      workspace.multiplyRow(placed, row, b, width, out);
      assert.deepEqual(Float64Array.from(out), wanted);
      addRow(matrix, row, wanted, width, dense);
      workspace.addRow(placed, row, out, width, b);
      assert.deepEqual(Float64Array.from(b), dense);
    }
    workspace.release();
  }
});

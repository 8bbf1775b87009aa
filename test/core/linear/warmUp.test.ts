import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitLinear, type LinearStep } from '../../../core/linear/fit.js';
import { newtonIteration, objectivesAt } from '../../../core/linear/newton.js';
import { groupsOf, newProblem, priorParameters, type LinearProblem } from '../../../core/linear/problem.js';
import { warmUp } from '../../../core/linear/warmUp.js';
import { randomTraining } from './cases.js';

const links = [
  { link: 'softmax', width: 3 },
  { link: 'sigmoid', width: 3 },
  { link: 'sigmoid', width: 1 },
] as const;
const C = 0.5;

const total = (problem: LinearProblem, theta: Float64Array): number =>
  objectivesAt(problem, theta).reduce((sum, value) => sum + value, 0);

/** The least objective, by Newton's method alone. */
function least(problem: LinearProblem): number {
  const theta = priorParameters(problem);
  let open: Uint8Array = new Uint8Array(groupsOf(problem)).fill(1);
  while (open.includes(1)) ({ open } = newtonIteration(problem, theta, { tolerance: 1e-12, open }));
  return total(problem, theta);
}

for (const { link, width } of links) {
  describe(`the dual warm-up, ${link} of ${width}`, () => {
    const { matrix, targets, sampleWeights } = randomTraining(3, 400, 30, Math.max(2, width));
    const warmed = (tolerance: number) => {
      const problem = newProblem(matrix, targets, sampleWeights, C, link, width);
      const theta = priorParameters(problem);
      let epochs = 0;
      const isDone = warmUp(problem, theta, { tolerance, onEpoch: () => void epochs++ });
      const excess = total(problem, theta) / least(problem) - 1;
      problem.workspace.release();
      return { isDone, epochs, excess };
    };

    it('says that it is within a loose tolerance only where it is, and sooner for a looser one', () => {
      const found = [0.3, 0.1, 0.03, 0.01].map((tolerance) => ({ tolerance, ...warmed(tolerance) }));
      for (const { tolerance, isDone, excess } of found) {
        assert.ok(isDone);
        assert.ok(excess >= 0 && excess <= tolerance, `${excess} above the least, tolerance ${tolerance}`);
      }
      const epochs = found.map((one) => one.epochs);
      assert.deepEqual(
        epochs,
        [...epochs].sort((a, b) => a - b),
      );
      assert.ok(epochs[0]! < epochs.at(-1)!);
    });

    it('leaves tight tolerances to the method of Newton', () => {
      assert.equal(warmed(0.009).isDone, false);
    });
  });
}

it('a loose fit tells one step, whose state is done and resumes to the same model', async () => {
  const training = randomTraining(4, 200, 20, 3);
  const settings = { C, scheme: 'softmax', tolerance: 0.1, maxIterations: 200 } as const;
  const steps: LinearStep[] = [];
  const onStep = (step: LinearStep): Promise<void> => Promise.resolve(void steps.push(step));
  const model = await fitLinear(training, settings, { onStep });
  assert.equal(steps.length, 1);
  assert.ok(steps[0]!.objective > 0);
  const resume = steps[0]!.state();
  assert.deepEqual(await fitLinear(training, settings, { resume }), model);
});

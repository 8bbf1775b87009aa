import type { CsrMatrix, Tensor } from '../contracts/matrix.js';
import { bestStrength } from '../core/choice/chooseCandidate.js';
import { selectRows } from '../core/sparse.js';
import { weightedMean } from '../core/statistics/bootstrap.js';
import type { Task } from '../core/tasks/index.js';
import { judgedRows } from './judged.js';
import { linear } from '../models/linear.js';

/** A divided, featurized table whose labels are about to change. Rows of the sides ascend. */
export interface RefitGround {
  readonly features: CsrMatrix;
  readonly outputs: number; // K
  readonly groups: Int32Array; // (n,)
  readonly training: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** Labels that the test rows are judged by, (n,). */
  readonly truth: Int32Array;
  readonly task: Task;
  readonly metric: string;
  readonly strengths: readonly number[]; // strongest regularisation first
  readonly signal?: AbortSignal;
}

/** How good the linear model gets with some labels. */
export interface RefitResult {
  readonly value: number; // mean merit of the test rows
  readonly strength: number; // that is best on validation, by the labels it was given there
}

/**
 * Trains the linear model with other labels again and again, its strength tuned anew each time. Fits begin at the last
 * ones' solution: the optimum is unique, so this changes the time and nothing else.
 */
export function createRefit(ground: RefitGround): (targets: Int32Array) => Promise<RefitResult> {
  const { features, outputs, groups, training, validation, test, truth, task, metric, strengths, signal } =
    ground;
  const rowsOf = (rows: Int32Array) => ({ kind: 'sparse' as const, matrix: selectRows(features, rows) });
  const [input, validationInput, testInput] = [rowsOf(training), rowsOf(validation), rowsOf(test)];
  const kept = new Map<number, readonly Tensor[]>(); // by strength
  const merits = (rows: Int32Array, values: Float64Array, labels: Int32Array): Float64Array =>
    task.merit(judgedRows({ targets: labels, groups }, { rows, outputs, logits: values }), metric);
  return async (targets) => {
    const judged = [];
    let warmStart: readonly Tensor[] | undefined;
    for (const strength of strengths) {
      warmStart = kept.get(strength) ?? warmStart;
      const set = {
        ...{ input, outputs, targets: training.map((row) => targets[row]!) },
        sampleWeights: new Float64Array(training.length).fill(1),
      };
      const fitted = await linear.fit(set, linear.paramsSchema.parse({ C: strength }), {
        seed: 0,
        ...(warmStart ? { warmStart } : {}),
        sinks: {
          ...(signal ? { signal } : {}),
          breathe: () => new Promise<void>((resolve) => setImmediate(resolve)),
        },
      });
      warmStart = fitted.tensors();
      kept.set(strength, warmStart);
      const onValidation = fitted.predictLogits(validationInput);
      judged.push({ policy: '', strength, merits: merits(validation, onValidation, targets), fitted });
    }
    const { strength, fitted } = bestStrength(judged);
    return { strength, value: weightedMean(merits(test, fitted.predictLogits(testInput), truth)) };
  };
}

import type { Evidence } from './estimator.js';

/**
 * The evidence with its logits.
 *
 * @throws RangeError where there are none
 */
export function withLogits(
  evidence: Evidence,
  wantedBy: string,
): Evidence & { readonly logits: Float64Array } {
  const { logits } = evidence;
  if (logits) return { ...evidence, logits };
  throw new RangeError(`${wantedBy}: expected evidence.logits, (n, K) out of fold, got none`);
}

/**
 * Checks shapes and codes.
 *
 * @throws RangeError that names the first thing that is wrong
 */
export function checkEvidence({ targets, outputs, logits, folds }: Evidence): void {
  const n = targets.length;
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new RangeError(`evidence.outputs: expected the number of classes, got ${outputs}`);
  }
  const wrong = targets.findIndex((target) => target < 0 || target >= outputs);
  if (wrong >= 0) {
    throw new RangeError(
      `evidence.targets[${wrong}]: expected a class code in [0, ${outputs}), got ${targets[wrong]}`,
    );
  }
  if (logits && logits.length !== n * outputs) {
    throw new RangeError(
      `evidence.logits: expected ${n} × ${outputs} = ${n * outputs} numbers, got ${logits.length}`,
    );
  }
  if (folds && folds.length !== n) {
    throw new RangeError(`evidence.folds: expected ${n} numbers, one a sample, got ${folds.length}`);
  }
}

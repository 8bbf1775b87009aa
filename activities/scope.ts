import { ConfigError, DataError } from '../contracts/errors.js';
import type { FittedModel } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { ScopeReport } from '../contracts/summary.js';
import { knownRows } from '../core/choice/division.js';
import { judgeScope, SCOPE_SCORES, scopeScores, scopeThreshold } from '../core/outOfScope.js';
import { inputRows } from './prepared.js';

/** Rows of one side, those of known classes and foreign ones. */
interface ScopeSide {
  readonly logits: Float64Array;
  readonly foreign: Uint8Array; // (n,)
}

/**
 * Tells rows of no class from the others by low confidence, by every score: thresholds from validation rows, judged on
 * test rows.
 *
 * @param values of the target, (n,)
 * @param outOfScope the value of rows that belong to no class
 * @throws ConfigError where training rows have that value; DataError where validation or test rows lack it
 */
export function judgeForeign(
  samples: PreparedSamples,
  values: readonly (string | null)[],
  outOfScope: string,
  model: FittedModel,
): ScopeReport[] {
  if (samples.classes.includes(outOfScope)) {
    throw new ConfigError(
      `analyse.outOfScope: ${JSON.stringify(outOfScope)} is a class of the training rows; leave such rows out of training, or the setting out`,
    );
  }
  const [validation, test] = [1, 2].map((side) => {
    const known = knownRows(samples, side);
    const foreign = Int32Array.from(values.keys()).filter(
      (row) => samples.split[row] === side && values[row] === outOfScope,
    );
    if (foreign.length === 0 || known.length === 0) {
      throw new DataError(
        `analyse.outOfScope: the ${side === 1 ? 'validation' : 'test'} split has ${foreign.length} rows with target ` +
          `${JSON.stringify(outOfScope)} and ${known.length} of known classes; expected some of both`,
      );
    }
    const rows = Int32Array.from([...known, ...foreign]);
    return {
      logits: model.predictLogits(inputRows(samples.input, rows)),
      foreign: Uint8Array.from(rows, (_, i) => Number(i >= known.length)),
    };
  }) as [ScopeSide, ScopeSide];
  const outputs = samples.classes.length;
  return SCOPE_SCORES.map((score) => {
    const threshold = scopeThreshold(scopeScores(score, validation.logits, outputs), validation.foreign);
    return judgeScope(score, scopeScores(score, test.logits, outputs), test.foreign, threshold);
  });
}

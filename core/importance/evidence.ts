import type { Evidence, EvidenceKind, FeatureRows } from './estimator.js';

/** Where each kind of evidence is found, and its shape for messages. */
const MEMBERS = {
  outOfFoldLogits: { member: 'logits', is: '(n, K) out of fold' },
  trainingDynamics: { member: 'dynamics', is: 'logits (T, n, K) after each epoch' },
  features: { member: 'features', is: '(n, d)' },
  validation: { member: 'validation', is: 'features (m, d) and targets (m,) of the validation side' },
  checkpoints: { member: 'checkpoints', is: 'parameters (d, K) of a linear model over the features' },
  groups: { member: 'groups', is: '(n,), the query of each sample' },
} as const satisfies Record<EvidenceKind, { member: keyof Evidence; is: string }>;

type MemberOf<K extends EvidenceKind> = (typeof MEMBERS)[K]['member'];
type With<K extends EvidenceKind> = Evidence & { readonly [M in MemberOf<K>]-?: NonNullable<Evidence[M]> };

/**
 * The evidence, sure to hold these kinds.
 *
 * @throws RangeError that names the first kind that is missing
 */
export function withEvidence<K extends EvidenceKind>(
  evidence: Evidence,
  wantedBy: string,
  kinds: readonly K[],
): With<K> {
  for (const kind of kinds) {
    const { member, is } = MEMBERS[kind];
    if (evidence[member] === undefined) {
      throw new RangeError(`${wantedBy}: expected evidence.${member}, ${is}, got none`);
    }
  }
  return evidence as With<K>;
}

/**
 * The evidence with its logits.
 *
 * @throws RangeError where there are none
 */
export const withLogits = (evidence: Evidence, wantedBy: string): With<'outOfFoldLogits'> =>
  withEvidence(evidence, wantedBy, ['outOfFoldLogits']);

/**
 * Checks shapes and codes.
 *
 * @throws RangeError that names the first thing that is wrong
 */
export function checkEvidence(evidence: Evidence): void {
  const { targets, outputs, logits, folds, dynamics, groups, sources, votes = [] } = evidence;
  const n = targets.length;
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new RangeError(`evidence.outputs: expected the number of classes, got ${outputs}`);
  }
  checkCodes('targets', targets, outputs);
  if (logits) checkLength('logits', logits.length, n, outputs);
  if (dynamics) checkLength('dynamics.logits', dynamics.logits.length, dynamics.epochs * n, outputs);
  for (const [name, values] of Object.entries({ folds, groups, sources })) {
    if (values && values.length !== n) {
      throw new RangeError(`evidence.${name}: expected ${n} numbers, one a sample, got ${values.length}`);
    }
  }
  votes.forEach((says, rule) => checkLength(`votes[${rule}]`, says.length, n, 1));
  checkFeatures(evidence);
}

function checkFeatures({ targets, outputs, features, validation, checkpoints }: Evidence): void {
  if (features) checkRows('features', features, targets.length);
  if (validation) {
    checkCodes('validation.targets', validation.targets, outputs);
    checkRows('validation.features', validation.features, validation.targets.length);
  }
  const cols = features?.matrix.cols;
  if (cols === undefined) return;
  if (validation && validation.features.matrix.cols !== cols) {
    const found = validation.features.matrix.cols;
    throw new RangeError(
      `evidence.validation.features: expected ${cols} columns as the samples', got ${found}`,
    );
  }
  checkpoints?.forEach(({ weights, intercept }, t) => {
    checkLength(`checkpoints[${t}].weights`, weights.length, cols, outputs);
    checkLength(`checkpoints[${t}].intercept`, intercept.length, 1, outputs);
  });
}

function checkCodes(name: string, targets: Int32Array, outputs: number): void {
  const wrong = targets.findIndex((target) => target < 0 || target >= outputs);
  if (wrong < 0) return;
  throw new RangeError(
    `evidence.${name}[${wrong}]: expected a class code in [0, ${outputs}), got ${targets[wrong]}`,
  );
}

function checkLength(name: string, length: number, rows: number, outputs: number): void {
  if (length === rows * outputs) return;
  throw new RangeError(
    `evidence.${name}: expected ${rows} × ${outputs} = ${rows * outputs} numbers, got ${length}`,
  );
}

function checkRows(name: string, { matrix }: FeatureRows, rows: number): void {
  if (matrix.rows === rows) return;
  throw new RangeError(`evidence.${name}: expected ${rows} rows, one a sample, got ${matrix.rows}`);
}

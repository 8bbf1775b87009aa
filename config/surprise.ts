import { taskName } from '../contracts/settings.js';
import { estimators, type ImportanceEstimator } from '../core/importance/index.js';
import { taskNamed, type Task } from '../core/tasks/index.js';
import { policies, type WeightingPolicy } from '../core/weighting/index.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** Clicks surprise without being wrong: weights from label surprise would teach the model not to believe them. */
export function surpriseRefused({ task, importance, loop }: RunConfig): ConfigIssue[] {
  const kind = taskNamed(taskName(task));
  if (!kind) return [];
  const refinement = refinementRefused(importance, kind);
  if (!kind.aleatoric) return refinement;
  const why =
    `is refused for the task ${kind.name}: its targets are random by nature, and a surprising one is not a wrong one. ` +
    'Weigh whole sources (importance.source with loop.policies: [source_trust]), give propensities (dataset.columns.propensity), or train on fewer negatives';
  const estimator = (estimators as readonly ImportanceEstimator[]).find(
    ({ name }) => name === importance.estimator,
  );
  const issues: ConfigIssue[] = [...refinement];
  if (estimator?.usesLabelSurprise) {
    issues.push({ path: ['importance', 'estimator'], message: `${estimator.name} ${why}` });
  }
  for (const [at, name] of loop.policies.entries()) {
    const policy = (policies as readonly WeightingPolicy[]).find((one) => one.name === name);
    if (policy?.allowsAleatoric || (!policy && !name.includes('('))) continue; // unknown ones are told of already
    issues.push({ path: ['loop', 'policies', at], message: `${name} ${why}` });
  }
  return issues;
}

/** Refined evidence is of models that were trained to disbelieve targets, one by one. */
function refinementRefused({ refinements = 0 }: RunConfig['importance'], kind: Task): ConfigIssue[] {
  if (refinements === 0 || (!kind.aleatoric && kind.judges === 'samples')) return [];
  const message =
    `expected 0 for the task ${kind.name}: evidence is refined by a model of wrong targets, which is one of single ` +
    'samples whose target is no matter of chance';
  return [{ path: ['importance', 'refinements'], message }];
}

import type { Model } from '../contracts/model.js';
import { models } from '../models/index.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** Vectors that the model can't be fed, or that something is asked of that only numbers can give. */
export function vectorNeeds({
  dataset: { columns },
  clean,
  features,
  model: { name },
}: RunConfig): ConfigIssue[] {
  const vectors = Object.keys(columns.vectors ?? {});
  const issues = vectors.flatMap((column): ConfigIssue[] => {
    if (clean.missing[column] !== 'impute') return [];
    const message =
      'vectors are not imputed: a missing one is zeros, and said to be missing; drop such rows, or keep them';
    return [{ path: ['clean', 'missing', column], message }];
  });
  const input = (models as readonly Model[]).find((one) => one.name === name)?.input;
  if (vectors.length > 0 && (input === 'sequence' || input === 'pair')) {
    const message = `model ${name} reads text as a sequence and takes no vectors; choose linear, trees or mlp, or leave them out`;
    issues.push({ path: ['dataset', 'columns', 'vectors'], message, atKey: true });
  }
  if (features.vectors && vectors.length === 0) {
    const message = 'says how vectors are scaled, and dataset.columns.vectors names no column';
    issues.push({ path: ['features', 'vectors'], message, atKey: true });
  }
  return issues;
}

import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** Lengths of n-grams the wrong way round, and limits that hashed ones can't have. */
export function ngramNeeds({ features }: RunConfig): ConfigIssue[] {
  return (['words', 'characters'] as const).flatMap((part): ConfigIssue[] => {
    const { ngrams = [1, 1], buckets, maxFeatures } = features[part] ?? {};
    const issues: ConfigIssue[] = [];
    if (ngrams[0] > ngrams[1]) {
      const message = `found [${ngrams.join(', ')}], expected the shorter length first: [${ngrams[1]}, ${ngrams[0]}]`;
      issues.push({ path: ['features', part, 'ngrams'], message });
    }
    if (buckets !== undefined && maxFeatures !== undefined) {
      const message = `hashed n-grams are not counted, so that none are the most frequent; leave it out, or features.${part}.buckets`;
      issues.push({ path: ['features', part, 'maxFeatures'], message });
    }
    return issues;
  });
}

/** Numbers are compared within a query: there must be both. */
export function inQueryNeeds({ features, dataset: { columns } }: RunConfig): ConfigIssue[] {
  if (!features.numeric.inQuery) return [];
  const path = ['features', 'numeric', 'inQuery'];
  if (columns.group === undefined)
    return [{ path, message: 'compares the rows of a query; name its column: dataset.columns.group' }];
  if (columns.numeric.length > 0) return [];
  return [{ path, message: 'compares numbers, and dataset.columns.numeric names no column' }];
}

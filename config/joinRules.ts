import { joinKeys } from '../core/ingest/joins.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** What joins need beyond the form of their values. */
export function joinNeeds({ dataset: { joins = [] } }: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const names = new Set<string>();
  for (const [index, join] of joins.entries()) {
    const at = (key: string, message: string): void =>
      void issues.push({ path: ['dataset', 'joins', index, key], message });
    if (names.has(join.name)) at('name', `"${join.name}" is taken; names of joined tables differ`);
    names.add(join.name);
    if (joinKeys(join).length === 0) at('on', 'expected at least one column, found none');
    if ([join.source].flat().some((uri) => uri.startsWith('builtin:')))
      at('source', 'a joined table is a file; built-in sets stand in dataset.source only');
  }
  return issues;
}

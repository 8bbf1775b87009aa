import type { RunComparison } from '../../contracts/comparison.js';
import { count } from '../format.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { nothing, type Section } from '../sections/section.js';

/** Test samples on which the runs differ. */
export function changedSection({ runs, changed, common }: RunComparison): Section {
  const { found, shown } = changed;
  const columns = [{ head: 'sample' }, { head: 'target' }, ...runs.map(({ label }) => ({ head: label }))];
  const rows = shown.map(({ id, text, target, predicted }) => [
    html`<div class="sample-text"><bdi>${text}</bdi></div>
      <code>${id}</code>`,
    html`<bdi>${target}</bdi>`,
    ...predicted.map((said) =>
      said === target
        ? html`<span class="gained">✓ <bdi>${said}</bdi></span>`
        : html`<span class="lost">✕ <bdi>${said}</bdi></span>`,
    ),
  ]);
  return {
    id: 'changed',
    title: 'What changed',
    lead:
      found === 0
        ? ''
        : `${count(found)} of ${count(common.samples)} common test samples are right in one run and wrong in another${shown.length < found ? `; ${count(shown.length)} are listed` : ''}, those that were lost first.`,
    body:
      found === 0
        ? nothing('All runs are right and wrong on the same samples.')
        : table('Samples that changed', columns, rows, { tall: rows.length > 12, filter: true }),
  };
}

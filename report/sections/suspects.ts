import type { Suspect } from '../../contracts/detail.js';
import type { RunSummary } from '../../contracts/summary.js';
import { count, decimal, percent } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { partsOfText } from '../textParts.js';
import { nothing, type Section } from './section.js';

/** Training labels that are probably wrong, with the label that fits. */
export function suspectsSection({ detail }: RunSummary): Section | undefined {
  const suspects = detail?.suspects;
  if (!suspects) return undefined;
  const { found, of, shown } = suspects;
  const explained = shown.some(({ parts }) => parts);
  const base = { id: 'label-errors', title: 'Suspected label errors' };
  if (found === 0) return { ...base, lead: '', body: nothing('No training label looks wrong.') };
  return {
    ...base,
    lead:
      `${count(found)} of ${count(of)} training labels (${percent(found / of, 1)}) look wrong to models that never saw the samples` +
      `${shown.length < found ? `; the ${count(shown.length)} clearest are listed` : ''}. ` +
      `${explained ? 'Marked words speak for the suggested label (underlined) or for the given one (dotted). ' : ''}` +
      'assay relabel makes a worksheet of them.',
    body: table(
      'Suspected label errors',
      [
        { head: 'sample' },
        { head: 'given' },
        { head: 'suggested' },
        { head: 'p(given)', numeric: true },
        { head: 'p(suggested)', numeric: true },
        { head: 'score', numeric: true },
        { head: 'weight', numeric: true },
      ],
      shown.map(rowOf),
      { tall: shown.length > 12, filter: true },
    ),
  };
}

const rowOf = (one: Suspect): (Html | string)[] => [
  html`<div class="sample-text">${one.parts ? partsOfText(one.parts) : html`<bdi>${one.text}</bdi>`}</div>
    <code>${one.id}</code>`,
  html`<bdi class="differs">${one.given}</bdi>`,
  html`<bdi>${one.suggested}</bdi>`,
  decimal(one.givenProbability),
  decimal(one.suggestedProbability),
  decimal(one.score ?? NaN, 2),
  decimal(one.weight, 2),
];

import type { ClassExplanation, WordShare } from '../../contracts/detail.js';
import type { RunSummary } from '../../contracts/summary.js';
import { count, percent, signed } from '../format.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { depthOf, partsOfText } from '../textParts.js';
import type { Section } from './section.js';

/** Each is much to read, and a page has other parts; the document has all of them. */
const MOST_CLASSES = 16;

/** What the final model reads to say each class. */
export function explanationsSection({ detail }: RunSummary): Section | undefined {
  const found = detail?.explanations;
  if (!found || found.classes.length === 0) return undefined;
  const { of, classes } = found;
  const shown =
    classes.length < of ? ` The ${count(classes.length)} most frequent of ${count(of)} classes.` : '';
  return {
    id: 'explanations',
    title: 'What the model reads',
    lead: `Words that speak for each class, and against it, over some training texts: what each adds to its log-odds against all other classes where it stands. Then a text that the model is surest of: its words, what else it has and the start add up to the model’s own log-odds.${shown}`,
    body: table(
      'Words by class',
      [{ head: 'class' }, { head: 'speaks for it' }, { head: 'speaks against it' }, { head: 'a text of it' }],
      classes.map(rowOf),
      { tall: classes.length > 6, filter: classes.length > 12, most: MOST_CLASSES },
    ),
  };
}

function rowOf({ name, toward, against, example }: ClassExplanation) {
  const { id, probability, parts, rest, baseline, output } = example;
  const text = parts.reduce((sum, { value }) => sum + value, 0);
  return [
    html`<bdi>${name}</bdi>`,
    words(toward),
    words(against),
    html`<div class="sample-text">${partsOfText(parts)}</div>
      <code>${id}</code>
      <small class="sum"
        >${percent(probability, 1)} · words ${signed(text, 2)}, else ${signed(rest, 2)}, start
        ${signed(baseline, 2)}: ${signed(output, 2)}</small
      >`,
  ];
}

/** Words with their numbers, the deeper the stronger. */
function words(shares: readonly WordShare[]): Html | string {
  const most = shares.reduce((top, { value }) => Math.max(top, Math.abs(value)), 0);
  if (shares.length === 0) return '–';
  return html`<div class="parts words">
    ${shares.map(
      ({ word, value, texts }) =>
        html`<span
          ><mark class="${depthOf(value, most)}" title="in ${count(texts)} texts"><bdi>${word}</bdi></mark>
          <small>${signed(value, 2)}</small></span
        > `,
    )}
  </div>`;
}

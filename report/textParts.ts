import type { TextPart } from '../contracts/detail.js';
import { signed } from './format.js';
import { html, type Html } from './html.js';

/** Below this share of the strongest part, a part is left plain. */
const FAINT = 0.08;

/**
 * A text whose pieces are coloured by what they add to a class: for it in the accent colour and underlined, against it
 * in the other and dotted, so that colour is never the only sign; the stronger, the deeper. Their number is the tooltip.
 */
export function partsOfText(parts: readonly TextPart[]): Html {
  const most = parts.reduce((top, { value }) => Math.max(top, Math.abs(value)), 0);
  return html`<bdi class="parts">${parts.map(({ text, value }) => partOf(text, value, most))}</bdi>`;
}

function partOf(text: string, value: number, most: number): Html | string {
  if (most === 0 || Math.abs(value) / most < FAINT) return text;
  return html`<mark class="${depthOf(value, most)}" title="${signed(value, 2)}">${text}</mark>`;
}

/** Class of a mark: which way it speaks, and how strongly beside the strongest, in four steps. */
export const depthOf = (value: number, most: number): string =>
  `${value > 0 ? 'for' : 'against'} d${Math.max(1, Math.ceil((4 * Math.abs(value)) / most))}`;

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
  const strength = most > 0 ? Math.abs(value) / most : 0;
  if (strength < FAINT) return text;
  const depth = Math.round(12 + 32 * strength);
  return html`<mark
    class="${value > 0 ? 'for' : 'against'}"
    style="--depth:${depth}%"
    title="${signed(value, 2)}"
    >${text}</mark
  >`;
}

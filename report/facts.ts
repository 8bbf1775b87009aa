import { html, type Html } from './html.js';

/** Names and what they are, as a list of definitions. */
export const factList = (facts: readonly (readonly [name: string, value: string | Html])[]): Html =>
  html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

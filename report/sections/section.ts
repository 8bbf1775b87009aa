import { html, type Html } from '../html.js';

/** A part of the page, with its place in the contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** One sentence that says what is to be seen here. */
  readonly lead: string;
  readonly body: Html | string;
}

/** A section as markup. */
export const renderSection = ({ id, title, lead, body }: Section): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${lead === '' ? '' : html`<p class="lead">${lead}</p>`}${body}
  </section>`;

/** A chart or table under a small heading. */
export const block = (title: string, body: Html | string): Html =>
  html`<div class="block">
    <h3>${title}</h3>
    ${body}
  </div>`;

/** Passed or not: a word and a shape, so that colour is never the only sign. */
export const mark = (passed: boolean, yes = 'passed', no = 'failed'): Html =>
  html`<span class="mark ${passed ? 'good' : 'bad'}">${passed ? yes : no}</span>`;

/** What stands where there is nothing to show. */
export const nothing = (text: string): Html => html`<p class="none">${text}</p>`;

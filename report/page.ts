import { Html, html } from './html.js';
import { SORT_SCRIPT, SORT_SCRIPT_SOURCE } from './script.js';
import { nothing, renderSection, type Section } from './sections/section.js';
import { STYLE } from './style.js';

/** Nothing may be loaded, sent or framed; one script, known by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src ${SORT_SCRIPT_SOURCE}; img-src data:; base-uri 'none'; form-action 'none'`;

/** What a page of ours is made of. */
export interface Page {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly Section[];
  readonly footer: Html | string;
  /** Loads itself anew after so many seconds; where scripts run, a reader can stop that. */
  readonly refreshSeconds?: number;
}

const MOST_BYTES = 980_000; // of all sections; with the head the page stays below a megabyte

/** Sections as markup. Where they are too heavy for one page, the heaviest only say so, until the others fit. */
function fitted(sections: readonly Section[]): readonly Html[] {
  const drawn = sections.map(renderSection);
  const sizes = drawn.map(({ text }) => Buffer.byteLength(text));
  while (sizes.reduce((sum, size) => sum + size, 0) > MOST_BYTES) {
    const heaviest = sizes.indexOf(Math.max(...sizes));
    const told = nothing('Too much to be shown on a page; the summary document has all of it.');
    drawn[heaviest] = renderSection({ ...sections[heaviest]!, body: told });
    sizes[heaviest] = 0;
  }
  return drawn;
}

/** One HTML page, below a megabyte, that needs no network and no script to be read. The same parts give the same characters. */
export function renderPage({ title, header, sections, footer, refreshSeconds }: Page): string {
  const [first] = sections;
  const contents = sections.map((section) => html`<li><a href="#${section.id}">${section.title}</a></li>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(PAGE_POLICY)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        ${refreshSeconds === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`}
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body${refreshSeconds === undefined ? '' : html` data-refresh="${refreshSeconds}"`}>
        <a class="skip" href="#${first?.id}">Skip to the ${first?.title.toLowerCase()}</a>
        <div class="page">
          <header>${header}</header>
          <div class="columns">
            <nav aria-label="Contents">
              <ol>
                ${contents}
              </ol>
            </nav>
            <main>${fitted(sections)}</main>
          </div>
          <footer>${footer}</footer>
        </div>
        ${new Html(`<script>${SORT_SCRIPT}</script>`)}
      </body>
    </html> `;
  return page.text;
}

import { Html, html } from './html.js';
import { SORT_SCRIPT, SORT_SCRIPT_SOURCE } from './script.js';
import { renderSection, type Section } from './sections/section.js';
import { STYLE } from './style.js';

/** Nothing may be loaded, sent or framed; one script, known by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src ${SORT_SCRIPT_SOURCE}; img-src data:; base-uri 'none'; form-action 'none'`;

/** What a page of ours is made of. */
export interface Page {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly Section[];
  readonly footer: Html | string;
  /** Loads itself anew after so many seconds, without a script. */
  readonly refreshSeconds?: number;
}

/** One HTML page that needs no network and no script to be read. The same parts give the same characters. */
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
        ${refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#${first?.id}">Skip to the ${first?.title.toLowerCase()}</a>
        <div class="page">
          <header>${header}</header>
          <div class="columns">
            <nav aria-label="Contents">
              <ol>
                ${contents}
              </ol>
            </nav>
            <main>${sections.map(renderSection)}</main>
          </div>
          <footer>${footer}</footer>
        </div>
        ${new Html(`<script>${SORT_SCRIPT}</script>`)}
      </body>
    </html> `;
  return page.text;
}

import type { RunSummary } from '../contracts/summary.js';
import { duration, instant } from './format.js';
import { Html, html } from './html.js';
import { SORT_SCRIPT, SORT_SCRIPT_SOURCE } from './script.js';
import { boostsSection } from './sections/boosts.js';
import { crossValidationSection, gateSection, roundsSection } from './sections/choice.js';
import { samplesSection, weightsSection } from './sections/importance.js';
import { calibrationSection, classesSection, slicesSection } from './sections/quality.js';
import { configSection, dataSection, lineageSection, stagesSection } from './sections/record.js';
import { headline } from './headline.js';
import { metricsSection, tiles } from './sections/result.js';
import { renderSection } from './sections/section.js';
import { STYLE } from './style.js';

/** Nothing may be loaded, sent or framed; one script, known by its hash. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src ${SORT_SCRIPT_SOURCE}; img-src data:; base-uri 'none'; form-action 'none'`;

const SECTIONS = [
  metricsSection,
  gateSection,
  roundsSection,
  boostsSection,
  crossValidationSection,
  weightsSection,
  samplesSection,
  slicesSection,
  classesSection,
  calibrationSection,
  dataSection,
  stagesSection,
  lineageSection,
  configSection,
];

/** A run as one HTML page that needs no network and no script to be read. The same summary gives the same characters. */
export function renderReport(summary: RunSummary): string {
  const sections = SECTIONS.map((make) => make(summary));
  const contents = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>${summary.name} · Assay report</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#metrics">Skip to the metrics</a>
        <div class="page">
          <header>
            ${eyebrow(summary)}
            <h1>${headline(summary)}</h1>
            ${tiles(summary)}
          </header>
          <div class="columns">
            <nav aria-label="Contents">
              <ol>
                ${contents}
              </ol>
            </nav>
            <main>${sections.map(renderSection)}</main>
          </div>
          <footer>
            ${summary.runId} · seed ${summary.seed} · made by Assay; the same facts are in the run’s summary
            document.
          </footer>
        </div>
        ${new Html(`<script>${SORT_SCRIPT}</script>`)}
      </body>
    </html> `;
  return page.text;
}

function eyebrow({ name, task, runId, seed, stages }: RunSummary): Html {
  const starts = stages.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const ends = stages.flatMap(({ endedAtMs }) => endedAtMs ?? []);
  const facts = [task, runId, `seed ${seed}`];
  if (starts.length > 0 && ends.length > 0) {
    const first = Math.min(...starts);
    facts.push(instant(first), `took ${duration(Math.max(...ends) - first)}`);
  }
  return html`<p class="eyebrow">
    <b><bdi>${name}</bdi></b
    >${facts.map((fact) => html`<span>${fact}</span>`)}
  </p>`;
}

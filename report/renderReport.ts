import type { RunSummary } from '../contracts/summary.js';
import { duration, instant, isolated } from './format.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { decisionReason, headline, verdict } from './headline.js';
import { sectionsOf } from './sections/index.js';
import { tiles } from './sections/result.js';

/** A run as one HTML page that needs no network and no script to be read. The same summary gives the same characters. */
export const renderReport = (summary: RunSummary): string =>
  renderPage({
    title: `${isolated(summary.name)} · Assay report`,
    header: html`${eyebrow(summary)} ${decision(summary)}
      <h1>${headline(summary)}</h1>
      ${because(summary)} ${tiles(summary)}`,
    sections: sectionsOf(summary),
    footer: html`${summary.runId} · seed ${summary.seed} · made by Assay; the same facts are in the run’s
    summary document.`,
  });

function decision(summary: RunSummary): Html | string {
  const decided = verdict(summary);
  return decided ? html`<p class="verdict ${decided.tone}">${decided.words}</p>` : '';
}

const because = ({ gate, approval }: RunSummary): Html | string =>
  gate ? html`<p class="because">${decisionReason(gate, approval)}</p>` : '';

function eyebrow({ name, task, runId, seed, stages, successorOf }: RunSummary): Html {
  const starts = stages.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const ends = stages.flatMap(({ endedAtMs }) => endedAtMs ?? []);
  const facts = [task, runId, `seed ${seed}`];
  if (successorOf) facts.push(`anew from ${successorOf.from} of ${successorOf.of}`);
  if (starts.length > 0 && ends.length > 0) {
    const first = Math.min(...starts);
    facts.push(instant(first), `took ${duration(Math.max(...ends) - first)}`);
  }
  return html`<p class="eyebrow">
    <b><bdi>${name}</bdi></b
    >${facts.map((fact) => html`<span>${fact}</span>`)}
  </p>`;
}

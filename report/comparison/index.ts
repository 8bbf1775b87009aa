import type { RunComparison } from '../../contracts/comparison.js';
import { isolated } from '../format.js';
import { html, type Html } from '../html.js';
import { pageMarkdown } from '../markdown.js';
import { renderPage } from '../page.js';
import type { Section } from '../sections/section.js';
import { changedSection } from './changed.js';
import { comparisonHeadline, nameOfRun, runTiles } from './headline.js';
import { metricsSection, pairedSection } from './metrics.js';
import { configSection } from './settings.js';
import {
  calibrationSection,
  costSection,
  perClassSection,
  roundsSection,
  weightsSection,
} from './sideBySide.js';
import { slicesSection } from './slices.js';
import { trainingSection } from './training.js';

/** One line per section, in the order of the page. */
const sections: readonly ((comparison: RunComparison) => Section)[] = [
  pairedSection,
  metricsSection,
  perClassSection,
  slicesSection,
  changedSection,
  calibrationSection,
  roundsSection,
  weightsSection,
  trainingSection,
  costSection,
  configSection,
];

const FOOT = 'Made by Assay from the predictions that the runs made: nothing was trained again.';

/** A comparison as one HTML page, made like a report. The same comparison gives the same characters. */
export const renderComparison = (comparison: RunComparison): string =>
  renderPage({
    title: `${comparison.runs.map(({ name }) => isolated(name)).join(' against ')} · Assay`,
    header: html`${eyebrow(comparison)}
      <h1>${unbroken(comparisonHeadline(comparison))}</h1>
      ${runTiles(comparison)}`,
    sections: sections.map((make) => make(comparison)),
    footer: FOOT,
  });

/** The same facts as Markdown. */
export const comparisonMarkdown = (comparison: RunComparison): string =>
  pageMarkdown(
    [html`<h1>${comparisonHeadline(comparison)}</h1>`.text, runTiles(comparison).text],
    sections.map((make) => make(comparison)),
    FOOT,
  );

/** An interval stays on one line. */
const unbroken = (text: string): string => text.replaceAll(' – ', '\u00a0–\u2060\u00a0');

const eyebrow = ({ runs }: RunComparison): Html =>
  html`<p class="eyebrow">
    ${runs.map((run) => html`<span><b>${run.label}</b> <bdi>${nameOfRun(run)}</bdi></span>`)}
  </p>`;

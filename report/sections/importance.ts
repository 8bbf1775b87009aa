import type { RunSummary, SampleExample } from '../../contracts/summary.js';
import { clipText } from '../../core/text/characters.js';
import { drawChart } from '../charts.js';
import { factList } from '../facts.js';
import { histogramChart } from '../figures.js';
import { count, decimal, isolated, percent, signed } from '../format.js';
import { importanceFacts } from '../importanceFacts.js';
import { html, type Html } from '../html.js';
import { table } from '../table.js';
import { block, nothing, type Section } from './section.js';

const MAX_TEXT = 300;
const MOST_EXAMPLES = 30;
const MOST_SOURCES = 100;

/** How the weights spread, and what that costs. */
export function weightsSection({ weights, scores, rows, importance }: RunSummary): Section {
  const mixed =
    weights.mixedWithUniform > 0
      ? ` Mixed with ${percent(weights.mixedWithUniform)} uniform to keep the floor.`
      : '';
  const facts: readonly (readonly [string, string])[] = [
    ['policy', weights.policy],
    ['estimator', weights.estimator],
    ['effective sample size', `${percent(weights.effectiveSampleSize)} of ${count(rows.train)}`],
    ['mixed with uniform', decimal(weights.mixedWithUniform, 2)],
    ['mean score', `${decimal(scores.mean, 3)} ${scores.unit}`],
    ...importanceFacts(importance),
  ];
  return {
    id: 'weights',
    title: 'Weights',
    lead: `Weights have mean 1; the effective sample size (Σw)² / Σw² says how many samples they are worth.${mixed}`,
    body: html`${(importance?.warnings ?? []).map((warning) => html`<p class="note"><b>Warning:</b> ${warning}</p>`)}
      ${factList(facts)}
      <div class="pair">
        ${block('weights of the training samples', weightsDrawing(weights.histogram))}
        ${block(`importance scores, ${scores.unit}`, scores.histogram.length > 0 ? drawChart(histogramChart('scores', `Histogram of importance scores, mean ${decimal(scores.mean)}`, scores.unit, scores.histogram)) : nothing('No scores.'))}
      </div>`,
  };
}

/** Noise rates of who or what gave the labels. */
export function sourcesSection({ importance }: RunSummary): Section | undefined {
  const found = importance?.sources;
  const base = { id: 'sources', title: 'Sources of labels' };
  if (!found) return undefined;
  const shown = found.sources.slice(0, MOST_SOURCES);
  const rows = shown.map(({ name, samples, rate, raw, low, high }) => [
    html`<bdi>${name}</bdi>`,
    { show: count(samples), sort: samples },
    { show: percent(rate, 1), sort: rate },
    `${percent(low, 1)} – ${percent(high, 1)}`,
    { show: percent(raw, 1), sort: raw },
  ]);
  const columns = [
    { head: found.column },
    { head: 'samples', numeric: true },
    { head: 'noise rate', numeric: true },
    { head: '95%', numeric: true },
    { head: 'unshrunk', numeric: true },
  ];
  const more =
    found.count > shown.length ? ` The noisiest ${shown.length} of ${count(found.count)} are shown.` : '';
  return {
    ...base,
    lead: `Estimated share of wrong labels of each ${isolated(found.column)}, drawn to the mean of all (${percent(found.mean, 1)}) as if that had been seen on ${count(Math.round(found.strength))} samples.${more}`,
    body: table('Noise rates of sources', columns, rows, rows.length > 24),
  };
}

function weightsDrawing(bins: RunSummary['weights']['histogram']): Html {
  const filled = bins.filter(({ count: samples }) => samples > 0);
  const [only] = filled;
  if (!only) return nothing('No weights.');
  if (filled.length === 1)
    return nothing(`All ${count(only.count)} samples weigh about ${decimal(only.low, 2)}.`);
  const label = `Histogram of sample weights, ${count(bins[0]?.count ?? 0)} in the lowest bin`;
  return drawChart(histogramChart('weights', label, 'weight', bins));
}

/** The samples at both ends of the scale, with their text. */
export const samplesSection = ({ scores }: RunSummary): Section => ({
  id: 'samples',
  title: 'Samples',
  lead: 'A low score means that the model, which never saw the sample, finds its label surprising: these are the first to check by hand.',
  body: html`<div class="pair">
    ${block('least important', list(scores.least))}${block('most important', list(scores.most))}
  </div>`,
});

function list(samples: readonly SampleExample[]): Html {
  if (samples.length === 0) return nothing('None to show.');
  return html`<ol class="samples">
      ${samples.slice(0, MOST_EXAMPLES).map(
        (one) =>
          html`<li>
            <div class="score">${signed(one.score, 2)}<small>w ${decimal(one.weight, 2)}</small></div>
            <div>
              <p class="text"><bdi>${clipText(one.text, MAX_TEXT)}</bdi></p>
              <p class="labels">
                <bdi>${one.target}</bdi
                >${one.predicted === one.target ? '' : html`<span class="differs">model says <bdi>${one.predicted}</bdi></span>`}<code
                  >${one.id}</code
                >
              </p>
            </div>
          </li>`,
      )}
    </ol>
    ${samples.length > MOST_EXAMPLES && html`<p class="note">… and ${count(samples.length - MOST_EXAMPLES)} more</p>`}`;
}

import type { ComparedRun, PairedResult, RunComparison } from '../../contracts/comparison.js';
import { count, decimal, duration, interval, percent, signed } from '../format.js';
import { html, type Html } from '../html.js';

/** `train/catalogue/20261124-091203`, as the id says more than the name does. */
export const nameOfRun = ({ runId }: ComparedRun): string => runId.replace(/^train\//, '');

/** Whether the interval says that the change is real, and which way. */
export const verdictOf = ({ change: { low, high } }: PairedResult): 'better' | 'worse' | 'same' =>
  low > 0 ? 'better' : high < 0 ? 'worse' : 'same';

/** What the comparison found, in a sentence a run. */
export function comparisonHeadline({ metric, runs, paired, common }: RunComparison): string {
  const words = paired.map((one) => {
    const found = `${metric} ${signed(one.change.value)} (95%: ${interval(one.change)})`;
    switch (verdictOf(one)) {
      case 'better':
        return `${one.label} is better than ${runs[0]!.label}: ${found}`;
      case 'worse':
        return `${one.label} is worse than ${runs[0]!.label}: ${found}`;
      case 'same':
        return `${one.label} can’t be told from ${runs[0]!.label}: ${found}`;
    }
  });
  return `${words.join('. ')}, on ${count(common.samples)} common test samples.`;
}

/** A tile a run: what it reached, how it was weighed, what was decided. */
export function runTiles({ runs, metrics, metric }: RunComparison): Html {
  const own = metrics.find(({ name }) => name === metric)?.values ?? [];
  return html`<div class="tiles">
    ${runs.map(
      (run, i) =>
        html`<div class="tile ${i === 0 ? '' : 'key'}">
          <div class="tile-name">${run.label}, ${metric}</div>
          <div class="tile-value">${decimal(own[i]?.value ?? NaN)}</div>
          <div class="tile-note">
            ${run.policy}, effective size ${percent(run.effectiveSampleSize)} · ${run.decision} ·
            ${duration(1000 * run.seconds)}
          </div>
        </div>`,
    )}
  </div>`;
}

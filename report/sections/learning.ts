import type { LearningCurve } from '../../contracts/detail.js';
import type { RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { html, type Html } from '../html.js';
import { stepsChart } from '../learningFigures.js';
import { block, type Section } from './section.js';

/** How the final models learned, where that was step by step. */
export function learningSection({ detail }: RunSummary): Section | undefined {
  const curves = detail?.learning ?? [];
  const [first] = curves;
  if (!first) return undefined;
  const { unit, metric } = first;
  return {
    id: 'learning',
    title: 'Learning curves',
    lead: `How the final models were trained, ${unit} by ${unit}; a dot marks the one whose model was kept. Losses of weighted and uniform training are means over other mixtures of the same samples: look at how they fall, not at which is lower.`,
    body: html`${curvesOf(`${metric} of the validation split by ${unit}`, 'judged', metric, curves, (one) => one.qualities)}
    ${curvesOf(`Training loss by ${unit}`, 'losses', 'loss', curves, (one) => one.losses)}`,
  };
}

function curvesOf(
  title: string,
  id: string,
  what: string,
  curves: readonly LearningCurve[],
  valuesOf: (curve: LearningCurve) => readonly number[],
): Html | string {
  const drawn = curves
    .filter((one) => valuesOf(one).length > 0)
    .map((one) => ({
      ...{ arm: one.arm, values: valuesOf(one) },
      ...(one.kept === undefined ? {} : { kept: one.kept }),
    }));
  if (drawn.length === 0) return '';
  return block(title, drawChart(stepsChart(id, what, curves[0]!.unit, drawn)));
}

import type { RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { learningChart } from '../detailFigures.js';
import type { Section } from './section.js';

/** How the final models learned, where they were trained in epochs. */
export function learningSection({ detail }: RunSummary): Section | undefined {
  const curves = detail?.learning ?? [];
  if (curves.length === 0) return undefined;
  return {
    id: 'learning',
    title: 'Learning curves',
    lead: 'Mean training loss of every epoch of the final models. Weighted and uniform losses are means over other mixtures of the same samples: look at how they fall, not at which is lower.',
    body: drawChart(learningChart('learning', curves)),
  };
}

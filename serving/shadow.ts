import type { ColumnBatch } from '../contracts/table.js';
import { argmaxRows } from '../core/probability.js';
import type { Answerer } from './ensemble.js';
import type { ServeMetrics } from './serveMetrics.js';

export interface ShadowOptions {
  readonly challenger: () => Answerer;
  /** Share of the requests that the challenger answers too, in [0, 1]. */
  readonly share: number;
  /** In [0, 1): which requests. */
  readonly draw: () => number;
  readonly metrics: ServeMetrics;
}

/** Waiting requests beyond this are not shadowed: nobody waits for a challenger. */
const MOST_WAITING = 1_000;

/** A challenger that answers real requests after the champion has, unheard: how often they agree is counted. */
export function createShadow({ challenger, share, draw, metrics }: ShadowOptions) {
  const waiting: (() => void)[] = [];
  const count = (outcome: string, by = 1): void =>
    metrics.count('assay_serve_shadow_rows_total', { challenger: challenger().name, outcome }, by);
  const work = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(work);
  };
  return {
    /** @param labels what the champion said of the rows; @param batch a table with the columns of both */
    observe(batch: ColumnBatch, labels: readonly string[]): void {
      if (draw() >= share) return;
      if (waiting.length >= MOST_WAITING) return count('dropped', batch.rows);
      waiting.push(() => {
        try {
          const { classes, probabilities } = challenger();
          const codes = argmaxRows(probabilities(batch), classes.length);
          const agreed = labels.filter((label, row) => classes[codes[row]!] === label).length;
          if (agreed > 0) count('agreed', agreed);
          if (agreed < batch.rows) count('differed', batch.rows - agreed);
        } catch {
          // The champion has answered; a challenger that can't is counted, and seen in the metrics.
          count('failed', batch.rows);
        }
      });
      if (waiting.length === 1) setImmediate(work);
    },
  };
}

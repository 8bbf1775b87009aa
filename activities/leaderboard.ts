import { z } from 'zod';
import type { ColumnSpec } from '../contracts/artifact.js';
import { type Cell, CellMeasures, type Leaderboard, TrialSize } from '../contracts/benchmark.js';
import { StoreError } from '../contracts/errors.js';
import type { ColumnBatch } from '../contracts/table.js';
import { evidenceMsOf } from '../core/benchmark/evidence.js';
import { rankEstimators } from '../core/benchmark/leaderboard.js';
import { estimatorByName } from '../core/importance/index.js';
import { leaderboardMarkdown } from '../report/leaderboardText.js';
import { readDocument, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  name: z.string(),
  size: TrialSize,
  learner: z.string(),
  folds: z.int(),
  trials: z.array(
    z.strictObject({
      dataset: z.string(),
      noise: z.string(),
      seed: z.int(),
      learner: z.string(),
      outOfFoldMs: z.number(),
      descentMs: z.number(),
    }),
  ),
  /** In the order of the input `measures`; `trial` is a place in `trials`. */
  cells: z.array(z.strictObject({ trial: z.int().nonnegative(), estimator: z.string(), wallMs: z.number() })),
  missing: z.array(z.string()),
});
type Params = z.infer<typeof Params>;

/** One row a cell. */
const CELL_COLUMNS = [
  { name: 'dataset', type: 'utf8' },
  { name: 'noise', type: 'utf8' },
  { name: 'seed', type: 'int32' },
  { name: 'estimator', type: 'utf8' },
  { name: 'learner', type: 'utf8' },
  { name: 'two_means_f1', type: 'float64' },
  { name: 'roc_auc', type: 'float64' },
  { name: 'average_precision', type: 'float64' },
  { name: 'recall_at_noisy', type: 'float64' },
  { name: 'accuracy_given', type: 'float64' },
  { name: 'accuracy_oracle', type: 'float64' },
  { name: 'accuracy_clip', type: 'float64' },
  { name: 'accuracy_filter', type: 'float64' },
  { name: 'wall_ms_per_1000', type: 'float64' },
  { name: 'evidence_ms_per_1000', type: 'float64' },
] as const satisfies readonly ColumnSpec[];

/** Ranks the estimators of a benchmark: a page, the same as Markdown and JSON, and every cell as a table. */
export const leaderboard: Stage<Params> = {
  name: 'leaderboard',
  paramsSchema: Params,
  inputs: ['measures'],
  summary: ({ cells }) => `leaderboard of ${cells.length} cells`,
  async run({ params, inputs, seed }, { artifacts }) {
    const refs = inputs['measures'] ?? [];
    if (refs.length !== params.cells.length) {
      throw new StoreError(`leaderboard: ${params.cells.length} cells and ${refs.length} measures`);
    }
    const cells: Cell[] = [];
    for (const [at, ref] of refs.entries()) {
      cells.push(cellOf(params, at, CellMeasures.parse(await readDocument(artifacts, ref))));
    }
    const { name, size, learner, folds, missing } = params;
    const board: Leaderboard = { name, size, learner, folds, missing, ...rankEstimators(cells, seed) };
    // The chart library takes longest to load of all: not for every trainer child and worker.
    const { renderLeaderboard } = await import('../report/renderLeaderboard.js');
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const [best] = board.standings;
    return {
      outputs: {
        leaderboard: [await writeDocument(artifacts, board)],
        report: [
          await artifacts.writeBlob('report', bytes(renderLeaderboard(board)), 'text/html; charset=utf-8'),
        ],
        markdown: [
          await artifacts.writeBlob(
            'document',
            bytes(leaderboardMarkdown(board)),
            'text/markdown; charset=utf-8',
          ),
        ],
        cells: [await artifacts.writeTable('metrics', CELL_COLUMNS, [cellBatch(cells)])],
      },
      figures: { best: best!.estimator, twoMeansF1: best!.twoMeansF1, cells: cells.length },
    };
  },
};

function cellOf({ trials, cells, size }: Params, at: number, measures: CellMeasures): Cell {
  const { trial, estimator, wallMs } = cells[at]!;
  const { dataset, noise, seed, learner, outOfFoldMs, descentMs } = trials[trial]!;
  const thousands = size.train / 1000;
  const wall = { outOfFold: outOfFoldMs, descent: descentMs };
  return {
    ...{ dataset, noise, seed, estimator, learner, measures },
    wallMs: wallMs / thousands,
    evidenceMs: evidenceMsOf(estimatorByName(estimator).requires, wall) / thousands,
  };
}

function cellBatch(cells: readonly Cell[]): ColumnBatch {
  const numbers = (of: (cell: Cell) => number): Float64Array => Float64Array.from(cells, of);
  const words = (of: (cell: Cell) => string): string[] => cells.map(of);
  return {
    rows: cells.length,
    columns: {
      dataset: words(({ dataset }) => dataset),
      noise: words(({ noise }) => noise),
      seed: Int32Array.from(cells, ({ seed }) => seed),
      estimator: words(({ estimator }) => estimator),
      learner: words(({ learner }) => learner),
      two_means_f1: numbers(({ measures }) => measures.twoMeansF1),
      roc_auc: numbers(({ measures }) => measures.rocAuc),
      average_precision: numbers(({ measures }) => measures.averagePrecision),
      recall_at_noisy: numbers(({ measures }) => measures.recallAtNoisy),
      accuracy_given: numbers(({ measures }) => measures.accuracy.given),
      accuracy_oracle: numbers(({ measures }) => measures.accuracy.oracle),
      accuracy_clip: numbers(({ measures }) => measures.accuracy.clip),
      accuracy_filter: numbers(({ measures }) => measures.accuracy.filter),
      wall_ms_per_1000: numbers(({ wallMs }) => wallMs),
      evidence_ms_per_1000: numbers(({ evidenceMs }) => evidenceMs),
    },
  };
}

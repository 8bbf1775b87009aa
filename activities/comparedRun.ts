import { DataError } from '../contracts/errors.js';
import { Analysis, type RunSummary } from '../contracts/summary.js';
import type { ColumnBatch } from '../contracts/table.js';
import { gather, integers, numbers, texts } from '../core/table.js';
import { readDocument, type SampleTable } from './prepared.js';
import { rowText } from './rowText.js';
import { readLogits, required, traced, tracedSamples, type RunTrace } from './runTrace.js';

/** A finished run: what it made, and what its report says. */
export interface FinishedRun {
  readonly trace: RunTrace;
  readonly summary: RunSummary;
}

/** What a comparison reads of a run. */
export interface ComparedData extends FinishedRun {
  readonly samples: SampleTable;
  readonly dataset: ColumnBatch;
  readonly analysis: Analysis;
  /** Row and place among the test predictions, by id. */
  readonly testRows: ReadonlyMap<string, { readonly row: number; readonly at: number }>;
  readonly outputs: number;
  readonly logits: Float64Array; // (test rows, outputs), of the weighted arm
  readonly scores: ReadonlyMap<string, number>; // of training samples, by id
  readonly weights: ReadonlyMap<string, number>;
}

/** @throws DataError where the run did not open its test split */
export async function comparedData({ trace, summary }: FinishedRun): Promise<ComparedData> {
  if (!traced(trace, 'analyse', 'predictions')) {
    throw new DataError(`${trace.runId} was not judged on its test split: its stage analyse was skipped`);
  }
  const samples = await tracedSamples(trace);
  const { rows, outputs, logits } = await readLogits(trace, required(trace, 'analyse', 'predictions'), {
    arm: 'weighted',
  });
  return {
    ...{ trace, summary, samples, outputs, logits },
    dataset: await gather(trace.artifacts.readTable(required(trace, 'clean', 'dataset'))),
    analysis: Analysis.parse(await readDocument(trace.artifacts, required(trace, 'analyse', 'analysis'))),
    testRows: new Map(Array.from(rows, (row, at) => [samples.ids[row]!, { row, at }] as const)),
    scores: await byId(trace, samples, 'importance.weigh.full', 'scores', 'score'),
    weights: await finalWeights(trace, samples, summary),
  };
}

async function byId(
  trace: RunTrace,
  samples: SampleTable,
  path: string,
  output: string,
  column: string,
): Promise<Map<string, number>> {
  const ref = traced(trace, path, output);
  if (!ref) return new Map();
  const table = await gather(trace.artifacts.readTable(ref));
  if (!table.columns[column]) return new Map();
  const values = numbers(table, column);
  return new Map(Array.from(integers(table, 'row'), (row, i) => [samples.ids[row]!, values[i]!] as const));
}

/** Weights of the chosen configuration: of the latest accepted round that wrote some by this policy. Uniform has none. */
async function finalWeights(
  trace: RunTrace,
  samples: SampleTable,
  { weights: { policy }, rounds, boosts }: RunSummary,
): Promise<ReadonlyMap<string, number>> {
  if (policy === 'uniform') return new Map();
  const accepted = [
    ...rounds.filter(({ accepted: won }) => won !== null),
    ...boosts.filter((one) => one.accepted),
  ];
  const last = Math.max(...accepted.map(({ round }) => round));
  const roundOf = (path: string): number => Number(/^loop\.(\d+)\./.exec(path)?.[1] ?? 1);
  const paths = [...trace.shards.keys()].filter(
    (path) =>
      /\.(weigh|carry|propose)\.full$/.test(path) && !path.startsWith('cross') && roundOf(path) <= last,
  );
  for (const path of paths.reverse()) {
    const found = await byId(trace, samples, path, 'weights', policy);
    if (found.size > 0) return found;
  }
  return new Map();
}

/** Texts of a row, all text columns together. */
export const comparedText = ({ dataset, trace }: ComparedData, row: number): string =>
  rowText(
    trace.config.dataset.columns.text.map((name) => texts(dataset, name)),
    row,
  );

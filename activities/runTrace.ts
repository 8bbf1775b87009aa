import type { RunConfig } from '../config/runConfig.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import type { Artifacts, Figures } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { RoundSummary } from '../contracts/summary.js';
import { integers, numbers, texts, vectors } from '../core/table.js';
import { readDocument, readSamples, type SampleTable } from './prepared.js';

/** A shard of a run that is done, and what came of it. */
export interface TracedShard {
  readonly outputs: Artifacts;
  readonly figures: Figures;
}

/** What a run has made so far. Nothing is computed again: all of it is read from the store. */
export interface RunTrace {
  readonly runId: string;
  readonly config: RunConfig;
  readonly artifacts: ArtifactStore;
  /** By path: `clean`, `importance.weigh.full`, `loop.1.fit.clip.0` … */
  readonly shards: ReadonlyMap<string, TracedShard>;
}

/** The one artifact that a shard wrote under a name; undefined where the run has not come so far, or skipped it. */
export const traced = ({ shards }: RunTrace, path: string, name: string): ArtifactRef | undefined =>
  shards.get(path)?.outputs[name]?.[0];

/** @throws DataError where the run has not come so far */
export function required(trace: RunTrace, path: string, name: string): ArtifactRef {
  const ref = traced(trace, path, name);
  if (ref) return ref;
  throw new DataError(`${trace.runId} has no ${name} yet: its stage ${path} has not ended (or was skipped)`);
}

/** Everything about the run's samples but their features. */
export const tracedSamples = (trace: RunTrace): Promise<SampleTable> =>
  readSamples(
    trace.artifacts,
    required(trace, 'featurize', 'samples'),
    required(trace, 'featurize', 'classes'),
  );

/** Decision of a round; undefined where the round tried nothing. */
export async function roundDecision(trace: RunTrace, round: number): Promise<RoundSummary | undefined> {
  const ref = traced(trace, round === 0 ? 'train.choose' : `loop.${round}.choose`, 'decision');
  return ref && RoundSummary.parse(await readDocument(trace.artifacts, ref));
}

/** Predictions of some rows by one model. */
export interface RowLogits {
  readonly rows: Int32Array;
  readonly outputs: number; // K
  readonly logits: Float64Array; // (rows, K)
}

/**
 * Rows of a table of predictions that fit: at one strength, or of one arm.
 *
 * @param wanted rows; all without it
 */
export async function readLogits(
  { artifacts }: RunTrace,
  ref: ArtifactRef,
  fits: { readonly strength?: number; readonly arm?: string } = {},
  wanted?: ReadonlySet<number>,
): Promise<RowLogits> {
  const rows: number[] = [];
  const parts: Float64Array[] = [];
  let outputs = 0;
  for await (const batch of artifacts.readTable(ref)) {
    const { width, values } = vectors(batch, 'logits');
    outputs = width;
    const keep = keeper(batch, fits);
    integers(batch, 'row').forEach((row, i) => {
      if (!keep(i) || (wanted && !wanted.has(row))) return;
      rows.push(row);
      parts.push(values.subarray(i * width, (i + 1) * width));
    });
  }
  const logits = new Float64Array(rows.length * outputs);
  parts.forEach((part, i) => logits.set(part, i * outputs));
  return { rows: Int32Array.from(rows), outputs, logits };
}

function keeper(
  batch: ColumnBatch,
  { strength, arm }: { readonly strength?: number; readonly arm?: string },
): (row: number) => boolean {
  const strengths = strength === undefined ? undefined : numbers(batch, 'strength');
  const arms = arm === undefined ? undefined : texts(batch, 'arm');
  return (i) => (!strengths || strengths[i] === strength) && (!arms || arms[i] === arm);
}

import type { ArtifactRef } from '../contracts/artifact.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import { averagePrecision, rocAuc } from '../core/metrics/index.js';
import { readTruth } from '../infra/datasets.js';

/** How well low importance finds planted label errors among the training samples. */
export interface Detection {
  readonly samples: number;
  readonly planted: number;
  readonly rocAuc: number;
  readonly averagePrecision: number;
}

/**
 * Compares a run's scores with the truth that was put aside. Computed here, outside of the run, which never sees it.
 *
 * @returns undefined where no error was planted among the scored samples, or the run left no scores
 */
export async function detectErrors(
  artifacts: ArtifactStore,
  outputs: Artifacts,
  truthPath: string,
): Promise<Detection | undefined> {
  const [scores] = outputs['scores'] ?? [];
  const [samples] = outputs['samples'] ?? [];
  if (!scores || !samples) return undefined;
  const truth = await readTruth(truthPath);
  const flipped = new Map(truth.ids.map((id, i) => [id, truth.flipped[i] ?? false]));
  const ids = new Map(await pairs(artifacts, samples, 'row', 'id'));
  const suspicion: number[] = [];
  const positives: boolean[] = [];
  for (const [row, score] of await pairs(artifacts, scores, 'row', 'score')) {
    const isFlipped = flipped.get(String(ids.get(row)));
    if (isFlipped === undefined) continue;
    suspicion.push(-Number(score));
    positives.push(isFlipped);
  }
  const planted = positives.filter(Boolean).length;
  if (planted === 0) return undefined;
  return {
    samples: positives.length,
    planted,
    rocAuc: rocAuc(suspicion, positives),
    averagePrecision: averagePrecision(suspicion, positives),
  };
}

async function pairs(
  artifacts: ArtifactStore,
  ref: ArtifactRef,
  key: string,
  value: string,
): Promise<[unknown, unknown][]> {
  const found: [unknown, unknown][] = [];
  for await (const { rows, columns } of artifacts.readTable(ref, { columns: [key, value] })) {
    const [keys, values] = [columns[key] as ArrayLike<unknown>, columns[value] as ArrayLike<unknown>];
    for (let i = 0; i < rows; i++) found.push([keys[i], values[i]]);
  }
  return found;
}

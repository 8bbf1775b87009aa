import { blend, type InputColumn, type ServedModel } from './servedModel.js';
import type { ColumnBatch } from '../contracts/table.js';

/** Something that answers rows: one model, or several weighted together. */
export interface Answerer {
  /** `catalogue@3`, or `0.7×catalogue@3 + 0.3×other@1` */
  readonly name: string;
  readonly columns: readonly InputColumn[];
  readonly classes: readonly string[];
  probabilities(batch: ColumnBatch): Float64Array;
  readonly scores?: (probabilities: Float64Array) => Float64Array;
}

/** A model with its share of the answer. */
export interface Member {
  readonly model: ServedModel;
  readonly weight: number; // non-negative
}

/** One answerer of several models, Σ wᵢpᵢ / Σ wᵢ. A single one answers by itself. */
export function ensembleOf(members: readonly Member[]): Answerer {
  const [only] = members;
  if (members.length === 1) return only!.model;
  const classes = [...new Set(members.flatMap(({ model }) => model.classes))];
  const columns = new Map(
    members.flatMap(({ model }) => model.columns.map((column) => [column.name, column])),
  );
  // Of models that know some of the grades only, the one that knows them all says what their probabilities are worth.
  const [ranking] = members.filter(({ model }) => model.classes.length === classes.length);
  const scores = members.every(({ model }) => model.scores) ? ranking?.model.scores : undefined;
  return {
    ...(scores ? { scores } : {}),
    name: members.map(({ model, weight }) => `${weight}×${model.name}`).join(' + '),
    columns: [...columns.values()],
    classes,
    probabilities: (batch) =>
      blend(
        members.map(({ model, weight }) => ({
          weight,
          classes: model.classes,
          probabilities: model.probabilities(batch),
        })),
        classes,
      ),
  };
}

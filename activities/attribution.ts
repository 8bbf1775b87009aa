import type { Engine } from '../contracts/engine.js';
import { DataError } from '../contracts/errors.js';
import type { FittedModel, ModelInput } from '../contracts/model.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { ArtifactStore } from '../contracts/store.js';
import { attributedText, type AttributedText, type RowPieces } from '../core/explain/attributedText.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { pickRows } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { readFeaturizer } from './featurizerTable.js';
import { fewRows } from './prepared.js';
import type { NumberedRows } from './rowSource.js';

/** What taking predictions apart needs of a run. */
export interface Explainer {
  readonly model: FittedModel;
  readonly featurizer: Featurizer;
  readonly input: ModelInput; // of all rows
  readonly dataset: NumberedRows; // those that are asked about
  readonly outputs: number; // K
}

/** A row's log-odds of one class against another, taken apart. */
export interface ExplainedRow extends AttributedText {
  readonly output: number; // nats
  readonly baseline: number; // the same without any input
}

/** The model and the featurizer of a run, ready. */
export async function openExplainer(
  artifacts: ArtifactStore,
  refs: { readonly model: ArtifactRef; readonly featurizer: ArtifactRef },
  ground: Pick<Explainer, 'input' | 'dataset' | 'outputs'> & {
    readonly name: string;
    readonly engine?: Engine;
  },
): Promise<Explainer> {
  const { name, engine, ...rest } = ground;
  const model = modelByName(name).load(await artifacts.readModel(refs.model), engine);
  return { ...rest, model, featurizer: await readFeaturizer(artifacts, refs.featurizer) };
}

/**
 * Takes apart what a model says of some rows: why one class rather than another.
 *
 * @param rows with the codes of the two classes; against `others` asks for the class against the mean of all others
 * @throws DataError where this kind of model can't be taken apart
 */
export function explainRows(
  { model, featurizer, input, dataset, outputs }: Explainer,
  rows: readonly { readonly row: number; readonly toward: number; readonly against: number | 'others' }[],
): ExplainedRow[] {
  if (!model.attribute)
    throw new DataError('models of this kind can not be taken apart; linear and networks can');
  const chosen = fewRows(
    input,
    Int32Array.from(rows, ({ row }) => row),
  );
  const contrast = new Float64Array(rows.length * outputs);
  rows.forEach(({ toward, against }, i) => {
    if (against === 'others') contrast.fill(-1 / (outputs - 1), i * outputs, (i + 1) * outputs);
    else contrast[i * outputs + against] = -1;
    contrast[i * outputs + toward] = 1;
  });
  const found = model.attribute(chosen, contrast);
  return rows.map(({ row }, i) => ({
    ...attributedText(
      featurizer,
      pickRows(dataset.batch, Int32Array.of(dataset.placeOf(row))),
      piecesOf(chosen, i, found.values[i]!),
    ),
    output: found.outputs[i]!,
    baseline: found.baselines[i]!,
  }));
}

function piecesOf(input: ModelInput, row: number, values: Float64Array): RowPieces {
  switch (input.kind) {
    case 'sparse': {
      const { indptr, indices } = input.matrix;
      return { columns: indices.subarray(indptr[row], indptr[row + 1]), values };
    }
    case 'blocks':
      throw new RangeError('rows that are explained are in memory');
    case 'dense':
      return { columns: Array.from(values.keys()), values };
    case 'sequence':
    case 'pair': {
      const texts = input.kind === 'pair' ? [input.first, input.second] : [input.batch];
      const tokens = texts.flatMap(({ tokens: all, length }) => [
        ...all.subarray(row * length, (row + 1) * length),
      ]);
      return { columns: tokens.filter((token) => token !== 0), values };
    }
  }
}

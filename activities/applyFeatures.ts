import { z } from 'zod';
import type { ModelInput } from '../contracts/model.js';
import { inputColumns, type Featurizer } from '../core/features/featurizer.js';
import { makeInput } from '../core/features/inputs.js';
import { writeFeatureShare } from './featureTable.js';
import { readFeaturizer } from './featurizerTable.js';
import { only } from './prepared.js';
import { type RowSource, stepsOf, type Tell } from './rowSource.js';
import type { Stage } from './stage.js';

/** Rows of the table, `to` excluded. */
const Params = z
  .strictObject({ from: z.int().min(0), to: z.int().min(1) })
  .refine(({ from, to }) => from < to, 'a share has rows');
type Params = z.infer<typeof Params>;

/** Makes the features of a share of the rows of a large table; featurize joins what all shares wrote. */
export const applyFeatures: Stage<Params> = {
  name: 'applyFeatures',
  paramsSchema: Params,
  inputs: ['dataset', 'featurizer'],
  summary: ({ from, to }) => `features of rows ${from} to ${to - 1}`,
  async run({ params, inputs }, context) {
    const { artifacts } = context;
    const dataset = only(inputs, 'dataset');
    const { from, to } = params;
    const rows = {
      read: (columns: readonly string[]) => artifacts.readTable(dataset, { columns, rows: params }),
    };
    const featurizer = await readFeaturizer(artifacts, only(inputs, 'featurizer'));
    const tell = stepsOf(to - from, 1, context)(0);
    const place = { first: from, isLast: to >= dataset.rows };
    const features = await writeFeatureShare(artifacts, inputsOf(rows, featurizer, tell), place);
    return { outputs: { features: [features] }, figures: { rows: Math.min(to, dataset.rows) - from } };
  },
};

/** What a model is fed of rows that are read in parts. */
export async function* inputsOf(
  source: { read(columns: readonly string[]): ReturnType<RowSource['read']> },
  featurizer: Featurizer,
  tell: Tell,
): AsyncGenerator<ModelInput> {
  let done = 0;
  for await (const batch of source.read([...new Set(['id', ...inputColumns(featurizer)])])) {
    yield makeInput(featurizer, batch);
    tell((done += batch.rows));
  }
}

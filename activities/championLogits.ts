import { DataError } from '../contracts/errors.js';
import type { DenseMatrix } from '../contracts/matrix.js';
import { ModelVersion } from '../contracts/registry.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { treat } from '../core/cleaning/treatment.js';
import { inputColumns } from '../core/features/featurizer.js';
import { gather, integers, texts } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { createPredictor } from '../models/predictor.js';
import { readFeaturizer } from './featurizerTable.js';
import { only, readDocument } from './prepared.js';

/** What the champion says of some rows, as if it had been asked in use. */
export interface ChampionAnswer {
  /** (rows, K'), its first K columns the challenger's classes, then classes that only the champion knows. */
  readonly logits: DenseMatrix;
  /** Ids of the rows that it was trained on; undefined where its table of samples is gone. */
  readonly trainedOn: ReadonlySet<string> | undefined;
}

/** Of a class that a model doesn't know: never its answer, and finite for whoever takes differences. */
const NEVER = -1e9;

/**
 * Predictions of the registered champion for rows of another run's dataset.
 *
 * @param rows of the cleaned dataset
 * @param classes of the challenger, (K,)
 * @throws DataError where the dataset lacks a column that the champion reads
 */
export async function championLogits(
  inputs: Artifacts,
  rows: ColumnBatch,
  classes: readonly string[],
  context: StageContext,
): Promise<ChampionAnswer> {
  const { artifacts } = context;
  const version = ModelVersion.parse(await readDocument(artifacts, only(inputs, 'champion.version')));
  const known = texts(
    await gather(artifacts.readTable(only(inputs, 'champion.classes'))),
    'name',
  ) as string[];
  const featurizer = await readFeaturizer(artifacts, only(inputs, 'champion.featurizer'));
  const missing = inputColumns(featurizer).find((name) => !rows.columns[name]);
  if (missing !== undefined) {
    throw new DataError(
      `gate: the champion ${version.name}@${version.version} reads the column "${missing}", which this run's dataset lacks; ` +
        'bring the column, register under another name (register.name), or skip the gate',
    );
  }
  const predictor = createPredictor({
    model: version.model.name,
    tensors: await artifacts.readModel(only(inputs, 'champion.weights')),
    featurizer,
    classes: known,
    ...(modelByName(version.model.name).usesEngine ? { engine: await context.engine(version.engine) } : {}),
  });
  const logits = inClasses(predictor.logits(treat(rows, version.treatment)), known, classes);
  return { logits, trainedOn: await trainingIds(inputs, context) };
}

function inClasses(logits: DenseMatrix, from: readonly string[], to: readonly string[]): DenseMatrix {
  const target = [...to, ...from.filter((name) => !to.includes(name))];
  const place = from.map((name) => target.indexOf(name));
  const values = new Float64Array(logits.rows * target.length).fill(NEVER);
  for (let row = 0; row < logits.rows; row++) {
    place.forEach((at, k) => (values[row * target.length + at] = logits.values[row * logits.cols + k]!));
  }
  return { rows: logits.rows, cols: target.length, values };
}

async function trainingIds(
  inputs: Artifacts,
  { artifacts }: StageContext,
): Promise<ReadonlySet<string> | undefined> {
  if (!inputs['champion.samples']) return undefined;
  const table = await gather(
    artifacts.readTable(only(inputs, 'champion.samples'), { columns: ['id', 'split'] }),
  );
  const split = integers(table, 'split');
  return new Set(texts(table, 'id').filter((_, row) => split[row] === 0) as string[]);
}

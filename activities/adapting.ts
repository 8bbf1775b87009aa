import type { AdaptRule } from '../contracts/adapt.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import type { Model, ModelInput } from '../contracts/model.js';
import { ModelVersion } from '../contracts/registry.js';
import type { Columns } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { worthToday } from '../core/adapt/replay.js';
import type { AdaptGround, LabelledRows } from '../core/adapt/step.js';
import { treat } from '../core/cleaning/treatment.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { makeInput } from '../core/features/inputs.js';
import { gather, integers, numbers, pickRows, texts } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { readFeaturizer } from './featurizerTable.js';
import { only, readDocument } from './prepared.js';
import { userGroups } from './userGroups.js';

/** Everything that an adaptation looks at. */
export interface Adapting extends AdaptGround {
  readonly version: ModelVersion;
  readonly columns: Columns;
  readonly classes: readonly string[];
  /** The champion's cleaned table, row for row with its samples, and the new one. */
  readonly reference: ColumnBatch;
  readonly batch: ColumnBatch;
  readonly batchSha256: string;
  readonly validation: LabelledRows; // of the reference
  readonly validationTable: ColumnBatch;
  readonly fresh: LabelledRows; // train and validation rows of the batch
  readonly freshTable: ColumnBatch;
  readonly test: LabelledRows; // of the batch
  readonly testTable: ColumnBatch;
  readonly unknown: number; // rows of the batch whose class the champion doesn't know
  /** Bits by which the champion finds the label of each row likelier than its share among remembered rows; else 0. */
  importanceOf(rows: LabelledRows): Float64Array;
}

/** Least rows on either side: fewer say nothing. */
const FEWEST_ROWS = 20;

/** Too few rows that the champion has not learned. */
interface Waiting {
  readonly champion: string; // name@version
  readonly waits: string; // why
  readonly rows: number;
}

/** Reads champion and batch. @throws ConfigError | DataError where the champion can't go on with these rows */
export async function readAdapting(
  inputs: Artifacts,
  { rule, onlyNew }: { readonly rule: AdaptRule; readonly onlyNew: boolean },
  seed: number,
  context: StageContext,
): Promise<Adapting | Waiting> {
  const { artifacts } = context;
  const version = ModelVersion.parse(await readDocument(artifacts, only(inputs, 'version')));
  const model = modelByName(version.model.name);
  const params: unknown = model.paramsSchema.parse(paramsOf(version));
  refuseUnable(version, model, params);
  const featurizer = await readFeaturizer(artifacts, version.artifacts.featurizer);
  const classes = texts(await gather(artifacts.readTable(version.artifacts.classes)), 'name') as string[];
  const reference = await gather(artifacts.readTable(version.artifacts.dataset));
  const side = integers(await gather(artifacts.readTable(version.artifacts.samples)), 'split');
  const given = await gather(artifacts.readTable(only(inputs, 'dataset')));
  const raw = onlyNew ? notIn(reference, given) : given;
  const known = rowsWhere(raw, (row) => classes.includes(texts(raw, 'target')[row] ?? ''));
  const batch = treat(pickRows(raw, known), version.treatment);
  const old = (split: number): Int32Array =>
    rowsWhere(
      reference,
      (row) => side[row] === split && classes.includes(texts(reference, 'target')[row] ?? ''),
    );
  const isTest = (row: number): boolean => texts(batch, 'split')[row] === 'test';
  const parts = {
    memory: pickRows(reference, old(0)),
    validation: pickRows(reference, old(1)),
    fresh: pickRows(
      batch,
      rowsWhere(batch, (row) => !isTest(row)),
    ),
    test: pickRows(batch, rowsWhere(batch, isTest)),
  };
  const least = Math.min(parts.fresh.rows, parts.test.rows);
  if (onlyNew && least < FEWEST_ROWS) {
    const counts = `${parts.fresh.rows} to learn from and ${parts.test.rows} to judge by`;
    const waits = `new rows are ${counts}, expected ${FEWEST_ROWS} or more of each: it waits for more`;
    return { champion: `${version.name}@${version.version}`, waits, rows: batch.rows };
  }
  for (const [name, { rows }] of Object.entries(parts)) checkRows(name, rows);
  const labelled = (table: ColumnBatch): LabelledRows => labelledRows(table, featurizer, classes);
  const memory = labelled(parts.memory);
  const champion = model.load(await artifacts.readModel(version.artifacts.weights));
  return {
    ...{ version, classes, reference, batch, champion, seed, columns: version.columns },
    ...{ outputs: classes.length, replayRatio: rule.replayRatio, unknown: raw.rows - known.length },
    batchSha256: only(inputs, 'dataset').sha256,
    memory: { ...memory, weights: await memoryWeights(version, old(0), context) },
    learn: (training, from) =>
      model.fit(training, params, { seed, sinks: { signal: context.signal }, ...from }),
    validation: labelled(parts.validation),
    validationTable: parts.validation,
    fresh: labelled(parts.fresh),
    freshTable: parts.fresh,
    test: labelled(parts.test),
    testTable: parts.test,
    importanceOf: ({ matrix, targets }) =>
      worthToday(champion.predictLogits({ kind: 'sparse', matrix }), targets, sharesOf(memory, classes)),
  };
}

function refuseUnable({ name, version, model, task }: ModelVersion, kind: Model, params: unknown): void {
  const anew = 'train it anew with assay run, where new and old data together are the source';
  if (!kind.goesOn?.(params)) {
    const { kind: own } = model;
    throw new ConfigError(
      `adapt: ${name}@${version} is a ${model.name}${typeof own === 'string' ? ` (${own})` : ''}, which can't go on from an earlier fit; ${anew}`,
    );
  }
  if (task !== 'classification')
    throw new ConfigError(
      `adapt: ${name}@${version} is of the task ${task}; only classification adapts: ${anew}`,
    );
}

function checkRows(name: string, rows: number): void {
  if (rows >= FEWEST_ROWS) return;
  const where =
    name === 'memory' || name === 'validation' ? "the champion's data have" : 'the new rows leave';
  throw new DataError(
    `adapt: ${where} ${rows} rows for ${name === 'fresh' ? 'learning' : name}, expected ${FEWEST_ROWS} or more; gather more rows`,
  );
}

/** Parameters without the name; the regularisation is among them. */
const paramsOf = ({ model }: ModelVersion): object =>
  Object.fromEntries(Object.entries(model).filter(([key]) => key !== 'name' && key !== 'from'));

/** Rows that a table lacks: of other ids, or with another label. */
function notIn(table: ColumnBatch, rows: ColumnBatch): ColumnBatch {
  const keysOf = (of: ColumnBatch): string[] => {
    const targets = texts(of, 'target');
    return texts(of, 'id').map((id, row) => JSON.stringify([id, targets[row]]));
  };
  const known = new Set(keysOf(table));
  const keys = keysOf(rows);
  return pickRows(
    rows,
    rowsWhere(rows, (row) => !known.has(keys[row]!)),
  );
}

const rowsWhere = ({ rows }: ColumnBatch, of: (row: number) => boolean): Int32Array =>
  Int32Array.from({ length: rows }, (_, row) => row).filter(of);

function labelledRows(table: ColumnBatch, featurizer: Featurizer, classes: readonly string[]): LabelledRows {
  const input: ModelInput = makeInput(featurizer, table);
  if (input.kind !== 'sparse') throw new DataError(`adapt: expected sparse features, got ${input.kind}`);
  const targets = Int32Array.from(texts(table, 'target'), (target) => classes.indexOf(target ?? ''));
  return { matrix: input.matrix, targets, groups: userGroups(table) };
}

/** How much each remembered row counted when the champion was trained; 1 where all counted alike. */
async function memoryWeights(
  { policy, artifacts: { sampleWeights } }: ModelVersion,
  rows: Int32Array,
  { artifacts }: StageContext,
): Promise<Float64Array> {
  const weights = new Float64Array(rows.length).fill(1);
  if (!sampleWeights || policy === 'uniform') return weights;
  const table = await gather(artifacts.readTable(sampleWeights, { columns: ['row', policy] }));
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  const values = numbers(table, policy);
  integers(table, 'row').forEach((row, i) => {
    const at = place.get(row);
    if (at !== undefined) weights[at] = values[i]!;
  });
  return weights;
}

function sharesOf({ targets }: LabelledRows, classes: readonly string[]): Float64Array {
  const shares = new Float64Array(classes.length).fill(1 / (targets.length + classes.length));
  for (const target of targets) shares[target]! += 1 / (targets.length + classes.length);
  return shares;
}

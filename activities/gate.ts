import { z } from 'zod';
import { EngineChoice } from '../contracts/engine.js';
import type { DenseMatrix } from '../contracts/matrix.js';
import { GateConfig } from '../contracts/gateSettings.js';
import { Columns, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { Analysis } from '../contracts/summary.js';
import { decideGate } from '../core/gate/gate.js';
import type { Slice } from '../core/slices/enumerateSlices.js';
import { taskOf, type Task } from '../core/tasks/index.js';
import { gather, integers, pickRows, texts, vectors } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { championLogits } from './championLogits.js';
import { classSlices, columnSlices } from './gateSlices.js';
import { judgedRows, unitGroups, type JudgedRows } from './judged.js';
import { loadSamples, only, readDocument, type SampleTable, writeDocument } from './prepared.js';
import { sliceColumns, unitColumns } from './sliceColumns.js';
import { readSome } from './rowSource.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  gate: GateConfig,
  policy: z.string(),
  effectiveSampleSize: z.number(),
  /** Without them, slices are those of the target. */
  columns: Columns.optional(),
  sliceColumns: z.array(z.string()).optional(),
  /** The registered model to beat; without it, the model that was trained with uniform weights is. */
  champion: z.strictObject({ name: z.string(), model: z.string(), engine: EngineChoice }).optional(),
});
type Params = z.infer<typeof Params>;

/** Champion (the registered one, else tuned uniform) against challenger (the chosen one), on the test split. */
export const gate: Stage<Params> = {
  name: 'gate',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'analysis', 'predictions'],
  engine: ({ champion }) =>
    champion && modelByName(champion.model).usesEngine ? champion.engine : undefined,
  summary: ({ policy, champion }) =>
    `${champion?.name ?? 'uniform'} against the challenger (${policy}) on the test split`,
  async run({ params, inputs, seed }, context) {
    const analysis = Analysis.parse(await readDocument(context.artifacts, only(inputs, 'analysis')));
    const samples = await loadSamples(inputs, context);
    const task = taskOf(params.task);
    const predictions = await gather(context.artifacts.readTable(only(inputs, 'predictions')));
    const challenger = armLogits('weighted', predictions);
    const table = await judgedTable(params, inputs, challenger.rows, context);
    const { champion, known } =
      params.champion && table
        ? await askedChampion(inputs, table, challenger.rows, samples, context)
        : { champion: armLogits('uniform', predictions).logits, known: new Set<number>() };
    // What is judged as a whole is left out as a whole.
    const spoilt = new Set(Array.from(known, (i) => samples.groups[challenger.rows[i]!]!));
    const isLeftOut = (i: number): boolean =>
      task.judges === 'groups' ? spoilt.has(samples.groups[challenger.rows[i]!]!) : known.has(i);
    const kept = Int32Array.from(challenger.rows.keys()).filter((i) => !isLeftOut(i));
    const rows = kept.map((i) => challenger.rows[i]!);
    const judgedAs = (logits: DenseMatrix): JudgedRows => {
      const { cols, values } = rowsOf(logits, kept);
      return judgedRows(samples, { rows, outputs: cols, logits: values });
    };
    const weighted = judgedAs(challenger.logits);
    const metrics = analysis.arms.find(({ name }) => name === 'weighted')?.metrics ?? {};
    const decision = decideGate({
      champion: task.merit(judgedAs(champion), analysis.metric),
      challenger: task.merit(weighted, analysis.metric),
      groups: unitGroups(task, weighted),
      slices: [
        ...(task.judges === 'samples' ? classSlices(samples.classes, weighted.targets) : []),
        ...(table ? slicesOf(params, task, weighted, pickRows(table, kept)) : []),
      ],
      units: task.judges === 'samples' ? 'rows' : 'groups',
      calibrationError: metrics['ece'] ?? calibrationError(analysis),
      ...(metrics['calibration_ratio'] ? { calibrationRatio: metrics['calibration_ratio'] } : {}),
      effectiveSampleSize: params.effectiveSampleSize,
      config: params.gate,
      openings: analysis.testOpenings,
      metric: analysis.metric,
      seed,
    });
    return {
      outputs: { decision: [await writeDocument(context.artifacts, decision)] },
      figures: {
        promoted: decision.promoted ? 1 : 0,
        reason: decision.reason,
        champion: params.champion?.name ?? 'uniform',
        ...(known.size > 0 ? { rowsThatTheChampionKnew: known.size } : {}),
      },
    };
  },
};

interface RowLogits {
  readonly rows: Int32Array; // of the samples
  readonly logits: DenseMatrix;
}

/** What the analysis predicted with one of its models. */
function armLogits(arm: string, predictions: ColumnBatch): RowLogits {
  const arms = texts(predictions, 'arm');
  const { width, values } = vectors(predictions, 'logits');
  const [from, to] = [arms.indexOf(arm), arms.lastIndexOf(arm) + 1];
  return {
    rows: integers(predictions, 'row').subarray(from, to),
    logits: { rows: to - from, cols: width, values: values.subarray(from * width, to * width) },
  };
}

/** The test rows of the dataset, where a champion or slices look at its columns. */
async function judgedTable(
  { champion, columns }: Params,
  inputs: Artifacts,
  rows: Int32Array,
  { artifacts }: StageContext,
): Promise<ColumnBatch | undefined> {
  if (!champion && !(columns && inputs['dataset'])) return undefined;
  return readSome(artifacts, only(inputs, 'dataset'), rows);
}

/** The registered champion's predictions of the test rows, and which of those it was trained on: they prove nothing. */
async function askedChampion(
  inputs: Artifacts,
  table: ColumnBatch,
  rows: Int32Array,
  samples: SampleTable,
  context: StageContext,
): Promise<{ champion: DenseMatrix; known: ReadonlySet<number> }> {
  const { logits, trainedOn } = await championLogits(inputs, table, samples.classes, context);
  const known = [...rows.keys()].filter((i) => trainedOn?.has(samples.ids[rows[i]!]!));
  return { champion: logits, known: new Set(known) };
}

function rowsOf({ cols, values }: DenseMatrix, rows: Int32Array): DenseMatrix {
  const picked = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => picked.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return { rows: rows.length, cols, values: picked };
}

/** Slices of what the task judges, by the columns that the analysis cuts by. */
function slicesOf(
  { columns, sliceColumns: asked, gate: config }: Params,
  task: Task,
  judged: JudgedRows,
  table: ColumnBatch,
): readonly Slice[] {
  if (!columns) return [];
  const cut = sliceColumns(table, columns, asked);
  return columnSlices(unitColumns(task, judged, cut), config);
}

/** Expected calibration error, from the bins of the analysis. */
function calibrationError({ calibration }: Analysis): number {
  const total = calibration.reduce((sum, { count }) => sum + count, 0);
  return calibration.reduce(
    (sum, { confidence, accuracy, count }) => sum + (count / total) * Math.abs(confidence - accuracy),
    0,
  );
}

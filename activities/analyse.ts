import { z } from 'zod';
import { EngineChoice } from '../contracts/engine.js';
import { DataError } from '../contracts/errors.js';
import type { FittedModel } from '../contracts/model.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { AnalyseConfig, Columns, TaskChoice } from '../contracts/settings.js';
import type { Analysis } from '../contracts/summary.js';
import { knownRows } from '../core/choice/division.js';
import { calibrationBins, confusion, perClass } from '../core/metrics/index.js';
import { argmaxRows, softmaxRows } from '../core/probability.js';
import { findSlices } from '../core/slices/findSlices.js';
import { taskOf } from '../core/tasks/index.js';
import { gather, texts } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { choiceMetric } from './choiceMetric.js';
import { judgeOtherPolicy } from './counterfactual.js';
import { estimates } from './estimates.js';
import { judgedRows, unitGroups, type JudgedRows } from './judged.js';
import { loadFor } from './loadFor.js';
import { inputRows, only, writeDocument } from './prepared.js';
import { judgeForeign } from './scope.js';
import { sliceColumns, unitColumns } from './sliceColumns.js';
import { readSome } from './rowSource.js';
import type { Stage } from './stage.js';

const ArmName = z.enum(['uniform', 'shuffled', 'weighted']);
const Params = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  columns: Columns,
  analyse: AnalyseConfig,
  model: z.string(),
  engine: EngineChoice.default('auto'),
  arms: z.array(z.strictObject({ name: ArmName, policy: z.string(), strength: z.number() })).min(1),
});
type Params = z.infer<typeof Params>;

const SLICE_LIMIT = 12;
const PREDICTION_COLUMNS = [
  { name: 'row', type: 'int32' },
  { name: 'arm', type: 'utf8' },
  { name: 'logits', type: 'float64[]' },
] as const;

interface Arm {
  readonly name: z.infer<typeof ArmName>;
  readonly policy: string;
  readonly strength: number;
  readonly fitted: FittedModel;
  readonly judged: JudgedRows; // on the test rows
}

/** Opens the test split once: what each arm is worth there, class by class and slice by slice. */
export const analyse: Stage<Params> = {
  name: 'analyse',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes', 'dataset'],
  engine: ({ model, engine }) => (modelByName(model).usesEngine ? engine : undefined),
  summary: () => 'open the test split: metrics, slices, calibration',
  async run({ params, inputs, seed }, context) {
    const samples = await loadFor({ name: params.model }, 'crossEntropy', inputs, context);
    const rows = knownRows(samples, 2);
    if (rows.length === 0) throw new DataError('analyse: the test split is empty; check dataset.split');
    const testOpenings = await countOpening(samples.ids, rows, context);
    const arms = await predictArms(params, inputs, samples, rows, context);
    const task = taskOf(params.task);
    const metric = params.metric ?? choiceMetric(task, samples);
    const meritsOf = (arm: Arm): Float64Array => task.merit(arm.judged, metric);
    const weighted = arms.find(({ name }) => name === 'weighted')!;
    const uniform = arms.find(({ name }) => name === 'uniform') ?? weighted;
    const ref = only(inputs, 'dataset');
    const dataset = await readSome(context.artifacts, ref, rows);
    const { outOfScope, counterfactual } = params.analyse;
    const scope =
      outOfScope === undefined
        ? undefined
        : judgeForeign(samples, await targetsOf(ref, context), outOfScope, weighted.fitted);
    const { propensities } = samples;
    const inversePropensities = propensities && Float64Array.from(rows, (row) => 1 / propensities[row]!);
    const analysis: Analysis = {
      metric,
      arms: arms.map((arm, a) => {
        context.progress({ done: a + 0.5, total: arms.length + 1, unit: 'arms' });
        const { name, policy, strength } = arm;
        return {
          name,
          policy,
          strength,
          metrics: estimates(arm.judged, task, params.analyse.bootstraps, seed, inversePropensities),
        };
      }),
      ...byClass(weighted.judged, samples.classes),
      slices: findSlices({
        columns: unitColumns(task, weighted.judged, [
          ...sliceColumns(dataset, params.columns, params.analyse.slices.columns),
          { name: params.columns.target, values: texts(dataset, 'target'), kind: 'categorical' },
        ]),
        merits: { uniform: meritsOf(uniform), weighted: meritsOf(weighted) },
        groups: unitGroups(task, weighted.judged),
        minSupport: params.analyse.slices.minSupport,
        pairs: params.analyse.slices.pairs,
        seed,
        limit: SLICE_LIMIT,
        bootstraps: params.analyse.bootstraps,
      }),
      ...(scope ? { outOfScope: scope } : {}),
      ...(counterfactual
        ? {
            counterfactual: judgeOtherPolicy(
              dataset,
              weighted.judged,
              params.columns,
              counterfactual,
              samples.classes,
            ),
          }
        : {}),
      testOpenings,
    };
    const predictions = await writePredictions(arms, rows, context);
    const own = analysis.arms.find(({ name }) => name === 'weighted')!;
    return {
      outputs: { analysis: [await writeDocument(context.artifacts, analysis)], predictions: [predictions] },
      figures: {
        ...Object.fromEntries(Object.entries(own.metrics).map(([name, { value }]) => [name, value])),
        ...Object.fromEntries((scope ?? []).map(({ score, rocAuc }) => [`outOfScope.${score}`, rocAuc])),
      },
    };
  },
};

const targetsOf = async (ref: ArtifactRef, { artifacts }: StageContext) =>
  texts(await gather(artifacts.readTable(ref, { columns: ['target'] })), 'target');

/** What each arm says of the test rows. */
const writePredictions = (arms: readonly Arm[], rows: Int32Array, { artifacts }: StageContext) =>
  artifacts.writeTable(
    'predictions',
    PREDICTION_COLUMNS,
    arms.map(({ name, judged: { logits } }) => ({
      rows: rows.length,
      columns: {
        row: rows,
        arm: Array.from(rows, () => name),
        logits: { width: logits.cols, values: logits.values },
      },
    })),
  );

/** The test set's identity is its list of ids. */
async function countOpening(
  ids: readonly string[],
  rows: Int32Array,
  context: StageContext,
): Promise<number> {
  const batch = { rows: rows.length, columns: { id: Array.from(rows, (row) => ids[row]!) } };
  const { sha256 } = await context.artifacts.writeTable('samples', [{ name: 'id', type: 'utf8' }], [batch]);
  return context.openTestSet(sha256);
}

/** How often each class is found and meant, and how far probabilities can be trusted. */
function byClass(
  { targets, logits: { values } }: JudgedRows,
  classes: readonly string[],
): Pick<Analysis, 'perClass' | 'confusion' | 'calibration'> {
  const outputs = classes.length;
  const counts = confusion(targets, argmaxRows(values, outputs), outputs);
  const probabilities = softmaxRows(values, outputs);
  return {
    perClass: perClass(counts, outputs).map(({ support, precision, recall, f1 }, c) => ({
      name: classes[c]!,
      support,
      precision,
      recall,
      f1,
    })),
    confusion: Array.from({ length: outputs }, (_, c) => [
      ...counts.subarray(c * outputs, (c + 1) * outputs),
    ]),
    calibration: calibrationBins({ targets, probabilities, outputs }).map(
      ({ confidence, accuracy, count }) => ({ confidence, accuracy, count }),
    ),
  };
}

async function predictArms(
  params: Params,
  inputs: Artifacts,
  samples: PreparedSamples,
  rows: Int32Array,
  { artifacts, ...context }: StageContext,
): Promise<Arm[]> {
  const model = modelByName(params.model);
  const engine = model.usesEngine ? await context.engine(params.engine) : undefined;
  const input = inputRows(samples.input, rows);
  const arms: Arm[] = [];
  for (const arm of params.arms) {
    const tensors = await artifacts.readModel(only(inputs, `model.${arm.name}`));
    const fitted = model.load(tensors, engine);
    const predicted = { rows, outputs: samples.classes.length, logits: fitted.predictLogits(input) };
    arms.push({ ...arm, fitted, judged: judgedRows(samples, predicted) });
  }
  return arms;
}

import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { knownRows } from '../core/choice/division.js';
import { weightedMean } from '../core/statistics/bootstrap.js';
import { taskOf, type Task } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import { choiceMetric } from './choiceMetric.js';
import type { Watched } from './fitCurve.js';
import type { FitPathJob } from './fitPath.js';
import { judgedRows } from './judged.js';
import type { UnitParams } from './params.js';
import { inputRows, only } from './prepared.js';

/** What a unit is trained with, beside its rows: engine, rows for early stopping, a pretrained encoder. */
export async function learnerOf(
  { model: { name, ...params }, engine, task }: Pick<UnitParams, 'model' | 'engine' | 'task'>,
  inputs: Artifacts,
  samples: PreparedSamples,
  context: StageContext,
): Promise<Pick<FitPathJob, 'model' | 'params' | 'engine' | 'evaluation' | 'pretrained'>> {
  const model = modelByName(name);
  if (!model.usesEngine) return { model, params };
  const evaluation = watchedRows(samples, taskOf(task))?.set;
  return {
    model,
    params,
    engine: await context.engine(engine),
    ...(evaluation ? { evaluation } : {}),
    ...(inputs['pretrained']
      ? { pretrained: await context.artifacts.readModel(only(inputs, 'pretrained')) }
      : {}),
  };
}

/** The validation split, where it has rows; judged group by group where the task does. */
export function watchedRows(samples: PreparedSamples, task: Task): Watched | undefined {
  const rows = knownRows(samples, 1);
  if (rows.length === 0) return undefined;
  const outputs = samples.classes.length;
  const metric = choiceMetric(task, samples);
  const quality = (logits: Float64Array): number =>
    weightedMean(task.merit(judgedRows(samples, { rows, outputs, logits }), metric));
  const byGroups = task.judges === 'groups';
  const set = {
    input: inputRows(samples.input, rows),
    targets: Int32Array.from(rows, (row) => samples.targets[row]!),
    outputs,
    ...(byGroups ? { quality } : {}),
  };
  return { set, metric: byGroups ? metric : 'accuracy' };
}

/** The engine that a unit's model computes with, where it needs one. */
export const unitEngine = ({ model, engine }: Pick<UnitParams, 'model' | 'engine'>) =>
  modelByName(model.name).usesEngine ? engine : undefined;

import type { EvaluationSet } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { knownRows } from '../core/choice/division.js';
import { modelByName } from '../models/index.js';
import type { FitPathJob } from './fitPath.js';
import type { UnitParams } from './params.js';
import { inputRows, only } from './prepared.js';

/** What a unit is trained with, beside its rows: engine, rows for early stopping, a pretrained encoder. */
export async function learnerOf(
  { model: { name, ...params }, engine }: Pick<UnitParams, 'model' | 'engine'>,
  inputs: Artifacts,
  samples: PreparedSamples,
  context: StageContext,
): Promise<Pick<FitPathJob, 'model' | 'params' | 'engine' | 'evaluation' | 'pretrained'>> {
  const model = modelByName(name);
  if (!model.usesEngine) return { model, params };
  const evaluation = evaluationSet(samples);
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

/** The validation split, where it has rows. */
function evaluationSet(samples: PreparedSamples): EvaluationSet | undefined {
  const rows = knownRows(samples, 1);
  if (rows.length === 0) return undefined;
  return {
    input: inputRows(samples.input, rows),
    targets: Int32Array.from(rows, (row) => samples.targets[row]!),
    outputs: samples.classes.length,
  };
}

/** The engine that a unit's model computes with, where it needs one. */
export const unitEngine = ({ model, engine }: Pick<UnitParams, 'model' | 'engine'>) =>
  modelByName(model.name).usesEngine ? engine : undefined;

import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { bestStrength, type Judgement } from '../core/choice/chooseCandidate.js';
import { weightedMean } from '../core/statistics/bootstrap.js';
import { taskOf } from '../core/tasks/index.js';
import { choiceMetric } from './choiceMetric.js';
import { judgedRows, unitGroups } from './judged.js';
import { loadSamples } from './prepared.js';
import type { Stage } from './stage.js';
import { readPredictions } from './unit.js';

const Params = z.strictObject({ task: TaskChoice, metric: z.string().optional(), folds: z.int().min(2) });
type Params = z.infer<typeof Params>;

/** How good a trial is at its best strength, over the pooled rows of all folds. */
export const judgeTrial: Stage<Params> = {
  name: 'judgeTrial',
  paramsSchema: Params,
  inputs: ['samples', 'classes'],
  summary: ({ folds }) => `how good a trial is, over ${folds} folds`,
  async run({ params, inputs }, context) {
    const { metric, judged } = await judgeTrialOf(params, 'trial', inputs, context);
    return {
      outputs: {},
      figures: judged
        ? { metric, value: weightedMean(judged.merits), strength: judged.strength }
        : { metric, diverged: 1 },
    };
  },
};

/** Merits of a trial's held-out rows at its best strength, and the groups that they belong to. */
export interface JudgedTrial extends Judgement {
  readonly groups: Int32Array;
}

/** @returns no judgement where a fold of the trial has diverged */
export async function judgeTrialOf(
  { task: choice, metric: wanted, folds }: Params,
  input: string,
  inputs: Artifacts,
  context: StageContext,
): Promise<{ readonly metric: string; readonly judged: JudgedTrial | undefined }> {
  const samples = await loadSamples(inputs, context);
  const task = taskOf(choice);
  const metric = wanted ?? choiceMetric(task, samples);
  if ((inputs[input] ?? []).length < folds) return { metric, judged: undefined };
  const predictions = await readPredictions(inputs, input, context);
  const judgements = [...predictions]
    .sort(([a], [b]) => a - b) // strongest regularisation first
    .map(([strength, found]): JudgedTrial => {
      const rows = judgedRows(samples, found);
      return {
        policy: 'uniform',
        strength,
        groups: unitGroups(task, rows),
        merits: task.merit(rows, metric),
      };
    });
  return { metric, judged: bestStrength(judgements) };
}

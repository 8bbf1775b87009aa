import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import { TuningSummary } from '../contracts/tune.js';
import { seeded } from '../core/random.js';
import { bootstrapInterval } from '../core/statistics/bootstrap.js';
import { explainTuning } from '../core/tune/explain.js';
import { judgeTrialOf } from './judgeTrial.js';
import { writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  ...TuningSummary.omit({ metric: true, gain: true, reason: true }).shape,
  /** Why it ended before all trials were done. */
  ended: z.string().optional(),
});
type Params = z.infer<typeof Params>;

/** Of an interval that people read. */
const REPLICATES = 1000;

/** Writes down a search: every trial, and how much the one that won gains over the settings as they were. */
export const tune: Stage<Params> = {
  name: 'tune',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'baseline', 'chosen'],
  summary: ({ trials, chosen }) => `trial ${chosen} of ${trials.length - 1}`,
  async run({ params, inputs, seed }, context) {
    const { task, metric: wanted, ended, ...search } = params;
    const asked = { task, folds: params.folds, ...(wanted === undefined ? {} : { metric: wanted }) };
    const before = await judgeTrialOf(asked, 'baseline', inputs, context);
    const after = await judgeTrialOf(asked, 'chosen', inputs, context);
    const { metric } = before;
    const gain =
      before.judged && after.judged
        ? bootstrapInterval({
            values: after.judged.merits.map((merit, i) => merit - before.judged!.merits[i]!),
            groups: after.judged.groups,
            replicates: REPLICATES,
            random: seeded(seed, 'tune.gain'),
          })
        : null;
    const reason = explainTuning({ ...search, metric, gain }, ended);
    const summary: TuningSummary = { ...search, metric, gain, reason };
    const value = search.trials[search.chosen]!.rungs.at(-1)?.value;
    return {
      outputs: { tuning: [await writeDocument(context.artifacts, summary)] },
      figures: {
        trial: search.chosen,
        metric,
        ...(value == null ? {} : { value }),
        ...(gain ? { gain: gain.value } : {}),
      },
    };
  },
};

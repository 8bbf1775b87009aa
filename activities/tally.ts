import { z } from 'zod';
import { DataError } from '../contracts/errors.js';
import { estimatorByName, mergeTallies, tallyValues, type Tally } from '../core/importance/index.js';
import { standing } from '../core/importance/utility/play.js';
import { GameParams, readTallies, writeTallies } from './play.js';
import { only } from './prepared.js';
import type { Stage } from './stage.js';

const Params = GameParams.extend({
  /** Units that the input `before` is made of. */
  played: z.int().nonnegative(),
  /** Units that failed and were left out, before and in this round. */
  lost: z.int().nonnegative().default(0),
});
type Params = z.infer<typeof Params>;

/** Adds a round of a game to what was played before, and says how well the values are known and what to play next. */
export const tally: Stage<Params> = {
  name: 'tally',
  paramsSchema: Params,
  inputs: ['tallies'],
  summary: ({ estimator, unit }) => `${estimator.name}: how well values are known: unit ${unit}`,
  async run({ params, inputs }, context) {
    const estimator = estimatorByName(params.estimator.name);
    const limits = estimator.game!.limits(estimator.paramsSchema.parse(params.estimator.params));
    const before = inputs['before'] ? await readTallies(only(inputs, 'before'), context) : undefined;
    let merged = before;
    for (const ref of inputs['tallies']!) {
      const round = await readTallies(ref, context);
      merged = merged?.map((one, turn) => mergeTallies(one, round[turn]!)) ?? round;
    }
    if (!merged) throw new DataError('no game of this unit was played to the end; see importance.minSuccess');
    const standings = merged.map((one, turn) => standing(one, valuesOf(before?.[turn]), limits));
    const units = params.played + inputs['tallies']!.length;
    const left = limits.mostUnits - units - params.lost;
    const isDone = left <= 0 || standings.every(({ isEnough }) => isEnough);
    return {
      outputs: { tally: [await writeTallies(merged, context)] },
      figures: {
        units,
        next: isDone ? 0 : Math.min(limits.patience, left),
        ...(params.lost > 0 ? { lost: params.lost } : {}),
        ...finite({
          halfWidth: Math.max(...standings.map(({ halfWidth }) => halfWidth)),
          rankCorrelation: Math.min(...standings.map(({ rankCorrelation }) => rankCorrelation)),
        }),
      },
    };
  },
};

const valuesOf = (one: Tally | undefined): Float64Array | undefined => (one ? tallyValues(one) : undefined);

/** What is not known yet is left out: JSON has no word for it. */
const finite = (figures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));

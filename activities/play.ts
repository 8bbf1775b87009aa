import { z } from 'zod';
import type { StageContext } from '../contracts/store.js';
import type { Tensor } from '../contracts/matrix.js';
import { openTurns } from '../core/choice/scoreUnit.js';
import { innerFolds, unitRows } from '../core/choice/division.js';
import { estimatorByName, tallyFrom, tallyTensors, type Tally } from '../core/importance/index.js';
import { loadSamples } from './prepared.js';
import type { Stage } from './stage.js';
import { featuresOf, InnerParams } from './unitEvidence.js';

/** The estimator whose game is played, on one unit. */
export const GameParams = InnerParams.omit({ task: true, metric: true }).extend({
  estimator: z.strictObject({ name: z.string(), params: z.json() }),
});
const Params = GameParams.extend({ number: z.int().nonnegative() });
type Params = z.infer<typeof Params>;

/**
 * Plays one unit of work of an estimator's game: permutations or coalitions that its number decides. Every inner fold is
 * the validation side in turn, and has a tally of its own.
 */
export const play: Stage<Params> = {
  name: 'play',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes'],
  summary: ({ estimator, unit, number }) => `${estimator.name}: unit ${unit}, game ${number + 1}`,
  async run({ params, inputs, seed }, context) {
    const estimator = estimatorByName(params.estimator.name);
    const { mostUnits } = estimator.game!.limits(estimator.paramsSchema.parse(params.estimator.params));
    if (params.number >= mostUnits) return { outputs: { tallies: [] }, figures: { played: 0 } };
    const samples = await loadSamples(inputs, context);
    const { training } = unitRows(samples, params.scheme, params.unit);
    const evidence = {
      targets: Int32Array.from(training, (row) => samples.targets[row]!),
      outputs: samples.classes.length,
      features: await featuresOf(estimator.name, training, inputs, context),
      folds: innerFolds(samples, training, params.scheme, params.innerFolds),
    };
    const turns = openTurns(estimator, evidence, { params: params.estimator.params, seed });
    const tallies: Tally[] = [];
    for (const game of turns) {
      tallies.push(game.play(params.number));
      context.progress({ done: tallies.length, total: turns.length, unit: 'folds' });
    }
    return {
      outputs: { tallies: [await writeTallies(tallies, context)] },
      figures: { played: 1 },
    };
  },
};

/** A tally a turn, in order. */
export const writeTallies = (tallies: readonly Tally[], { artifacts }: StageContext) =>
  artifacts.writeModel(
    tallies.flatMap((tally, turn) =>
      tallyTensors(tally).map((tensor): Tensor => ({ ...tensor, name: `${turn}.${tensor.name}` })),
    ),
  );

/** Reads what {@link writeTallies} wrote. */
export async function readTallies(
  ref: Parameters<StageContext['artifacts']['readModel']>[0],
  { artifacts }: StageContext,
): Promise<Tally[]> {
  const byTurn = new Map<string, Tensor[]>();
  for (const tensor of await artifacts.readModel(ref)) {
    const [turn = '', name = ''] = tensor.name.split('.');
    byTurn.set(turn, [...(byTurn.get(turn) ?? []), { ...tensor, name }]);
  }
  return Array.from({ length: byTurn.size }, (_, turn) => tallyFrom(byTurn.get(String(turn)) ?? []));
}

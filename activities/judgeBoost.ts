import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import { StoreError } from '../contracts/errors.js';
import type { Artifacts, Figures } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { BoostSummary } from '../contracts/summary.js';
import { enoughAgree } from '../core/loop/agreement.js';
import { judgeBoost as verdictOf, type BoostVerdict } from '../core/slices/boost.js';
import { weightedMean } from '../core/statistics/bootstrap.js';
import { integers } from '../core/table.js';
import { taskOf } from '../core/tasks/index.js';
import { choiceMetric } from './choiceMetric.js';
import { judgedRows } from './judged.js';
import { loadSamples, readDocument, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';
import { readPredictions } from './unit.js';

const Params = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  round: z.int().positive(),
  strength: z.number(), // of incumbent and boosted alike
  alpha: z.number(),
  maxLoss: z.number(),
  /** p values of the run's earlier proposals. */
  earlier: z.array(z.number()),
  /** Proposals that the run may make in all. */
  planned: z.int().positive(),
});
type Params = z.infer<typeof Params>;

const Proposal = BoostSummary.pick({ proposal: true, overall: true, relabel: true });
type Proposal = z.infer<typeof Proposal>;

/** Decides whether the slice that weighs more stays so; says why nothing was proposed where nothing was. */
export const judgeBoost: Stage<Params> = {
  name: 'judgeBoost',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'proposals'],
  summary: ({ round }) => `slice boost of round ${round}: does it win inside the slice?`,
  async run({ params, inputs }, context) {
    const proposals = await readProposals(inputs, context);
    const full = proposals.at(-1)!;
    const slice = full.proposal?.slice ?? '';
    const folds = proposals.slice(0, -1);
    const agreeing = folds.filter(({ proposal }) => proposal?.slice === slice).length;
    const isTried = slice !== '' && enoughAgree(agreeing, folds.length);
    const judged = isTried ? await judge(params, slice, inputs, context) : undefined;
    const untried = slice
      ? `${slice} is not boosted: only ${agreeing} of ${folds.length} outer folds propose it by themselves.`
      : 'No slice has labels to be believed and more trusted error than the whole.';
    const summary: BoostSummary = {
      round: params.round,
      ...full,
      ...{ agreeing, outerFolds: folds.length },
      test: judged?.verdict.test ?? null,
      accepted: judged?.verdict.accepted ?? false,
      reason: judged?.verdict.reason ?? untried,
    };
    return {
      outputs: { decision: [await writeDocument(context.artifacts, summary)] },
      figures: {
        accepted: summary.accepted ? 1 : 0,
        slice,
        ...judged?.figures,
        toRelabel: full.relabel.length,
      },
    };
  },
};

/** Of the outer folds, then of the whole. */
async function readProposals(inputs: Artifacts, { artifacts }: StageContext): Promise<Proposal[]> {
  const refs = inputs['proposals'] ?? [];
  if (refs.length === 0) throw new StoreError('judgeBoost: input "proposals" is empty');
  const documents = await Promise.all(refs.map((ref) => readDocument(artifacts, ref)));
  return documents.map((document) => Proposal.parse(document));
}

/** Pools what every unit held out, incumbent and boosted on the same rows. */
async function judge(
  { task, metric: asked, strength, alpha, maxLoss, earlier, planned }: Params,
  slice: string,
  inputs: Artifacts,
  context: StageContext,
): Promise<{ verdict: BoostVerdict; figures: Figures }> {
  const samples = await loadSamples(inputs, context);
  const kind = taskOf(task);
  const metric = asked ?? choiceMetric(kind, samples);
  const meritsOf = async (name: string) => {
    const predictions = (await readPredictions(inputs, name, context)).get(strength)!;
    return { rows: predictions.rows, merits: kind.merit(judgedRows(samples, predictions), metric) };
  };
  const incumbent = await meritsOf('incumbent');
  const boosted = await meritsOf('boosted');
  const inside = new Set<number>();
  for (const ref of inputs['inside'] ?? []) {
    for await (const batch of context.artifacts.readTable(ref))
      integers(batch, 'row').forEach((row) => inside.add(row));
  }
  const verdict = verdictOf({
    slice,
    boosted: boosted.merits,
    incumbent: incumbent.merits,
    inside: Uint8Array.from(boosted.rows, (row) => (inside.has(row) ? 1 : 0)),
    groups: boosted.rows.map((row) => samples.groups[row]!),
    ...{ earlier, planned, alpha, maxLoss },
  });
  const value = weightedMean((verdict.accepted ? boosted : incumbent).merits);
  const { pValue, change } = verdict.test;
  return { verdict, figures: { pValue, change, metric, value } };
}

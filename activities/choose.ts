import { z } from 'zod';
import { TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { RoundSummary } from '../contracts/summary.js';
import { bestStrength, type CandidateJudgement, chooseCandidate } from '../core/choice/chooseCandidate.js';
import { weightedMean } from '../core/statistics/bootstrap.js';
import { taskOf, type Task } from '../core/tasks/index.js';
import { choiceMetric } from './choiceMetric.js';
import { judgedRows, unitGroups } from './judged.js';
import { SchemeParams } from './params.js';
import { loadSamples, type SampleTable, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';
import { readPredictions } from './unit.js';

const Params = z.strictObject({
  task: TaskChoice,
  metric: z.string().optional(),
  scheme: SchemeParams,
  round: z.int().nonnegative(),
  alpha: z.number(),
  flips: z.int(),
  incumbent: z.strictObject({ policy: z.string(), strength: z.number() }).nullable(),
  candidates: z.array(z.strictObject({ policy: z.string(), effectiveSampleSize: z.number() })).min(1),
});
type Params = z.infer<typeof Params>;

/** Decides a round: pooled held-out predictions of every candidate against the incumbent's, by a paired test. */
export const choose: Stage<Params> = {
  name: 'choose',
  paramsSchema: Params,
  inputs: ['samples', 'classes'],
  summary: ({ candidates }) => `choose among ${candidates.map(({ policy }) => policy).join(', ')}`,
  async run({ params, inputs, seed }, context) {
    const samples = await loadSamples(inputs, context);
    const task = taskOf(params.task);
    const metric = params.metric ?? choiceMetric(task, samples);
    const judged = { samples, task, metric, inputs, context };
    const candidates: CandidateJudgement[] = [];
    for (const { policy, effectiveSampleSize } of params.candidates) {
      const judgements = await judge(judged, `candidate.${policy}`, policy);
      candidates.push(...judgements.map((one) => ({ ...one, effectiveSampleSize })));
    }
    const { summary, strength } = params.incumbent
      ? await challenge(judged, params, params.incumbent, candidates, seed)
      : settle(candidates);
    const best = bestStrength(candidates);
    return {
      outputs: { decision: [await writeDocument(context.artifacts, summary)] },
      figures: {
        accepted: summary.accepted === null ? 0 : 1,
        policy: summary.incumbent,
        strength,
        metric,
        value: summary.metric,
        bestPolicy: best.policy,
        bestStrength: best.strength,
      },
    };
  },
};

interface Decision {
  readonly summary: RoundSummary;
  readonly strength: number;
}

/** Round 0 has no incumbent: the best strength of uniform becomes it. */
function settle(candidates: readonly CandidateJudgement[]): Decision {
  const best = bestStrength(candidates);
  const metric = weightedMean(best.merits);
  return {
    strength: best.strength,
    summary: {
      round: 0,
      candidates: candidates.map(({ policy, strength, merits, effectiveSampleSize }) => ({
        policy,
        strength,
        metric: weightedMean(merits),
        gain: weightedMean(merits) - metric,
        pValue: 1,
        effectiveSampleSize,
      })),
      accepted: best.policy,
      incumbent: best.policy,
      metric,
      reason: `${best.policy} with strength ${best.strength} is the best of ${candidates.length} and begins as the incumbent.`,
    },
  };
}

async function challenge(
  judged: Judged,
  params: Params,
  incumbent: { policy: string; strength: number },
  candidates: readonly CandidateJudgement[],
  seed: number,
): Promise<Decision> {
  const all = await judge(judged, 'incumbent', incumbent.policy);
  const current = all.find(({ strength }) => strength === incumbent.strength)!;
  const { summary, chosen } = chooseCandidate({
    round: params.round,
    incumbent: current,
    candidates,
    groups: current.groups,
    alpha: params.alpha,
    flips: params.flips,
    seed,
  });
  return { summary, strength: chosen.strength };
}

interface Judged {
  readonly samples: SampleTable;
  readonly task: Task;
  readonly metric: string;
  readonly inputs: Artifacts;
  readonly context: StageContext;
}

/** Merits of what the pooled held-out rows (outer folds and validation) hold, one judgement a strength, strongest regularisation first. */
async function judge({ samples, task, metric, inputs, context }: Judged, input: string, policy: string) {
  const predictions = await readPredictions(inputs, input, context);
  const strengths = [...predictions.keys()].sort((a, b) => a - b);
  return strengths.map((strength) => {
    const rows = judgedRows(samples, predictions.get(strength)!);
    return { policy, strength, groups: unitGroups(task, rows), merits: task.merit(rows, metric) };
  });
}

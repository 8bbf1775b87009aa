import { BoostSummary } from '../contracts/summary.js';
import { weightHistory, type RoundTrial, type WeightHistory } from '../core/explain/weightHistory.js';
import { integers, numbers } from '../core/table.js';
import { readDocument, type SampleTable } from './prepared.js';
import { roundDecision, traced, type RunTrace } from './runTrace.js';

/** How each round of a run changed the weight of a row; null where it has none: weights are for training rows. */
export async function explainWeights(
  trace: RunTrace,
  samples: Pick<SampleTable, 'split'>,
  row: number,
): Promise<WeightHistory | null> {
  if (samples.split[row] !== 0) return null;
  const trials: RoundTrial[] = [];
  for (let round = 1; round <= trace.config.loop.maxRounds; round++) {
    trials.push(...(await trialsOf(trace, round, row)));
  }
  return weightHistory(trials);
}

async function trialsOf(trace: RunTrace, round: number, row: number): Promise<RoundTrial[]> {
  const trials: RoundTrial[] = [];
  const scored = round === 1 ? 'importance' : `loop.${round}.importance`;
  const chosen = await roundDecision(trace, round);
  if (chosen) {
    const tried = {
      ...(await weightsAt(trace, `${scored}.weigh.full`, row)),
      ...(await weightsAt(trace, `${scored}.carry.full`, row)),
    };
    trials.push({ kind: 'weights', decision: chosen, tried });
  }
  const judged = traced(trace, `loop.${round}.boost.judge`, 'decision');
  if (judged) {
    const tried = await weightsAt(trace, `loop.${round}.boost.propose.full`, row);
    const policy = Object.keys(tried).find((name) => name.endsWith('+boost')) ?? 'boost';
    const decision = BoostSummary.parse(await readDocument(trace.artifacts, judged));
    trials.push({ kind: 'boost', decision, policy, tried });
  }
  return trials;
}

/** Weights of a row in a shard's table, by policy. */
async function weightsAt(trace: RunTrace, path: string, row: number): Promise<Record<string, number>> {
  const ref = traced(trace, path, 'weights');
  if (!ref) return {};
  for await (const batch of trace.artifacts.readTable(ref)) {
    const at = integers(batch, 'row').indexOf(row);
    if (at < 0) continue;
    const policies = Object.keys(batch.columns).filter((name) => name !== 'row');
    return Object.fromEntries(policies.map((policy) => [policy, numbers(batch, policy)[at]!]));
  }
  return {};
}

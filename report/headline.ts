import type { ArmSummary, GateDecision, RunSummary } from '../contracts/summary.js';
import { decimal, isolated, signed } from './format.js';

/** What the run found, in one sentence. */
export function headline({ analysis, weights }: RunSummary): string {
  if (!analysis) return 'The run ended without a judgement on the test split: the stage analyse was skipped.';
  const { metric } = analysis;
  const uniform = armOf(analysis.arms, 'uniform')?.metrics[metric];
  const weighted = armOf(analysis.arms, 'weighted')?.metrics[metric];
  if (weights.policy === 'uniform') {
    const reached = uniform ? ` It reaches ${metric} ${decimal(uniform.value)} on the test split.` : '';
    return `Uniform weights stay: no weighting of the training samples earned its place.${reached}`;
  }
  if (!uniform || !weighted) return `Training with ${weights.policy} weights was chosen.`;
  const gain = weighted.value - uniform.value;
  const where = Math.abs(gain) < 0.0005 ? 'as much as' : `${signed(gain)} against`;
  return `Training with ${weights.policy} weights gets ${metric} ${decimal(weighted.value)} on the test split, ${where} uniform weights.`;
}

/** One way of training among those that were compared. */
export const armOf = (arms: readonly ArmSummary[], name: ArmSummary['name']): ArmSummary | undefined =>
  arms.find((arm) => arm.name === name);

/** The decision in words; its reason may begin with the word already. */
export function gateSentence({ promoted, reason }: GateDecision, approval?: RunSummary['approval']): string {
  const found = /^(promoted|refused)/i.test(reason)
    ? reason
    : `${promoted ? 'Promoted' : 'Refused'}: ${reason}`;
  if (!approval) return found;
  const { approved, by, note } = approval;
  return `${found} ${approved ? 'Approved' : 'Refused'} by ${isolated(by)}${note === undefined ? '' : `: ${isolated(note)}`}`;
}

/** Which version the model became, and whether it is in use. */
export const registeredSentence = ({
  model,
  promoted,
  told,
}: NonNullable<RunSummary['registered']>): string =>
  `${model}${promoted ? ', champion' : ', registered, not champion'}${told === undefined || promoted ? '' : `: ${told}`}`;

/** Why it was decided so, and what a person said of it; without the word itself. */
export function decisionReason({ reason }: GateDecision, approval?: RunSummary['approval']): string {
  const why = reason.replace(/^(promoted|refused):\s*/i, '');
  const note = approval?.note === undefined ? '' : ` “${isolated(approval.note)}”`;
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}${note}`;
}

/** What was decided, in a word or two, and whether that is good news; null where nothing decides. */
export function verdict({ gate, approval }: RunSummary): { words: string; tone: 'good' | 'bad' } | null {
  if (!gate) return null;
  if (!gate.promoted) return { words: 'Refused by the gate', tone: 'bad' };
  if (!approval) return { words: 'Promoted', tone: 'good' };
  return approval.approved
    ? { words: `Promoted, approved by ${isolated(approval.by)}`, tone: 'good' }
    : { words: `Refused by ${isolated(approval.by)}`, tone: 'bad' };
}

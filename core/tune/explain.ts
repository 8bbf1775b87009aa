import type { TuningSummary } from '../../contracts/tune.js';

/** Why the trial that won did, in a few sentences. */
export function explainTuning(search: Omit<TuningSummary, 'reason'>, ended?: string): string {
  const { trials, chosen, gain, metric } = search;
  const winner = trials[chosen]!;
  const full = trials.filter(({ number, rungs }) => number > 0 && rungs.at(-1)?.share === 1);
  const lost = trials.filter(({ rungs }) => rungs.at(-1)?.value === null).length;
  const tried = `${trials.length - 1} trial${trials.length === 2 ? '' : 's'}, ${full.length} of them on all rows`;
  const told =
    trials.length === 1
      ? `The settings stay as they are configured (${metric} ${valueOf(winner)}): no other was tried.`
      : chosen === 0
        ? `The settings stay as they are configured (${metric} ${valueOf(winner)}): none of ${tried}, is better.`
        : `Trial ${chosen} wins over ${tried}: ${settingsText(winner.params)}, ${metric} ${valueOf(winner)}` +
          (gain
            ? `, ${points(gain.value)} points over the settings as configured (95%: ${points(gain.low)} to ${points(gain.high)}).`
            : '; the settings as configured diverge.');
  const diverged = lost > 0 ? [`${lost} diverged.`] : [];
  return [told, ...diverged, ...(ended === undefined ? [] : [ended])].join(' ');
}

/** `learningRate 0.003, hidden [128,64]` */
export const settingsText = (params: TuningSummary['trials'][number]['params']): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

const valueOf = ({ rungs }: TuningSummary['trials'][number]): string =>
  rungs.at(-1)?.value?.toFixed(4) ?? '–';
const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;

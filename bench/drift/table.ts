import { bootstrapInterval } from '../../core/statistics/bootstrap.js';
import { seeded } from '../../core/random.js';
import { ARMS, type Arm, type ArmResult } from './arms.js';
import { DRIFTS, type Drift } from './stream.js';

/** What all arms did with one stream. */
export interface DriftCell {
  readonly drift: Drift;
  readonly seed: number;
  readonly arms: Readonly<Record<Arm, ArmResult>>;
}

const NAMES: Record<Arm, string> = {
  never: 'never retrains',
  adapt: 'adapts',
  window: 'from scratch, every batch, newest three',
  scratch: 'from scratch, every batch, all so far',
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const percent = (share: number): string => (100 * share).toFixed(1);

/** Markdown: a row for every drift and arm; differences against `adapts`, paired by seed. */
export function driftMarkdown(cells: readonly DriftCell[]): string {
  const head = [
    '| drift | model | accuracy % | adapts is better by (95%) | cost, of scratch | updates |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
  ];
  const rows = DRIFTS.flatMap((drift) => {
    const own = cells.filter((cell) => cell.drift === drift);
    if (own.length === 0) return [];
    const accuracy = (arm: Arm): number[] => own.map(({ arms }) => mean(arms[arm].accuracies));
    const cost = (arm: Arm): number => mean(own.map(({ arms }) => arms[arm].cost));
    return ARMS.map((arm) => {
      const gains = accuracy('adapt').map((value, i) => value - accuracy(arm)[i]!);
      const { value, low, high } = bootstrapInterval({
        values: Float64Array.from(gains),
        replicates: 2000,
        random: seeded(1, `${drift}/${arm}`),
      });
      const better = arm === 'adapt' ? '' : `${percent(value)} (${percent(low)} to ${percent(high)})`;
      const updates = mean(own.map(({ arms }) => arms[arm].updates)).toFixed(1);
      const relative = (cost(arm) / cost('scratch')).toFixed(3);
      return `| ${drift} | ${NAMES[arm]} | ${percent(mean(accuracy(arm)))} | ${better} | ${relative} | ${updates} |`;
    });
  });
  return [...head, ...rows].join('\n');
}

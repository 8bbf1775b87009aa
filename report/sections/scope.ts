import type { RunSummary } from '../../contracts/summary.js';
import { count, decimal, percent } from '../format.js';
import { table } from '../table.js';
import type { Section } from './section.js';

const NAMES = { max_probability: 'largest probability', energy: 'energy' } as const;

/** How well rows of no class are told; only where a run looked for them. */
export function scopeSection({ analysis }: RunSummary): Section | undefined {
  const found = analysis?.outOfScope;
  if (!found || found.length === 0) return undefined;
  const [{ foreign, known }] = found as [(typeof found)[number]];
  const columns = [
    { head: 'score' },
    ...['AUROC', 'average precision', 'threshold', 'foreign rows caught', 'known rows refused'].map(
      (head) => ({
        head,
        numeric: true,
      }),
    ),
  ];
  const rows = found.map((one) => [
    NAMES[one.score],
    decimal(one.rocAuc),
    decimal(one.averagePrecision),
    decimal(one.threshold),
    percent(one.caught / one.foreign, 1),
    percent(one.refused / one.known, 1),
  ]);
  return {
    id: 'scope',
    title: 'Out of scope',
    lead: `${count(foreign)} test rows belong to no class, ${count(known)} to known ones. A row that scores below the threshold, which validation rows decide, counts as foreign.`,
    body: table('Rows of no class, told by low confidence', columns, rows),
  };
}

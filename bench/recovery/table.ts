import { seeded } from '../../core/random.js';
import { bootstrapInterval } from '../../core/statistics/bootstrap.js';
import type { Cell } from './cell.js';
import { cleanOf, pooledRows } from './pooled.js';

/** Quality won back, as a share of what noise costs. */
interface Shares {
  readonly whole: number; // against one fixed strength
  readonly beyond: number; // everything tuned alike
  readonly oracleBeyond: number;
  readonly tuningOnly: number; // what tuning alone wins back of the whole cost
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean over seeds, with the range: fewer than five seeds make no interval worth the name. */
export function overSeeds(values: readonly number[], show: (value: number) => string): string {
  if (values.length === 1) return show(values[0]!);
  const { low, high } = interval(values);
  return `${show(mean(values))} (${show(low)} to ${show(high)})`;
}

/** Percentile bootstrap of the mean over seeds; with three seeds it can't be wider than their range. */
function interval(values: readonly number[]): { low: number; high: number } {
  return bootstrapInterval({
    values: Float64Array.from(values),
    replicates: 2000,
    random: seeded(1, 'seeds'),
  });
}

function sharesOf(noisy: Cell, clean: Cell): Shares {
  return {
    whole: (noisy.auto - noisy.fixed) / (clean.tuned - noisy.fixed),
    tuningOnly: (noisy.tuned - noisy.fixed) / (clean.tuned - noisy.fixed),
    beyond: (noisy.auto - noisy.tuned) / (clean.tuned - noisy.tuned),
    oracleBeyond: (noisy.oracle - noisy.tuned) / (clean.tuned - noisy.tuned),
  };
}

const percent = (share: number): string => (100 * share).toFixed(2);
const two = (value: number): string => value.toFixed(2);
const three = (value: number): string => value.toFixed(3);

/** The measured cells as Markdown: accuracies, recovered shares, detection of flipped labels. */
export function markdown(cells: readonly Cell[]): string {
  const groups = new Map<string, Cell[]>();
  for (const cell of [...cells].sort((a, b) => a.rate - b.rate || a.seed - b.seed)) {
    const key = `${cell.set} | ${noiseOf(cell)}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    accuracyTable(sorted),
    shareTable(sorted, cells),
    pooledTable(cells),
    detectionTable(sorted),
    policyTable(sorted),
    tallyTable(sorted, cells),
  ].join('\n\n');
}

const noiseOf = ({ rate, noise = 'uniform' }: Cell): string =>
  `${100 * rate}%${noise === 'uniform' ? '' : ` by ${noise}`}`;

type Groups = readonly (readonly [string, readonly Cell[]])[];

/** A table in Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function accuracyTable(groups: Groups): string {
  const arms = [
    (cell: Cell) => cell.fixed,
    (cell: Cell) => cell.tuned,
    (cell: Cell) => cell.shuffled,
    (cell: Cell) => cell.afterFirst ?? cell.auto,
    (cell: Cell) => cell.auto,
    (cell: Cell) => cell.oracle,
  ];
  const header = [
    'set',
    'flipped',
    'seeds',
    'uniform, fixed C',
    'uniform, tuned',
    'shuffled',
    'one round',
    '**auto**',
    'drop-oracle',
    'chosen',
  ];
  const rows = groups.map(([key, cells]) => [
    key,
    String(cells.length),
    ...arms.map((arm) => percent(mean(cells.map(arm)))),
    cells.map((cell) => `${cell.chosen}@${cell.chosenStrength}`).join(', '),
  ]);
  return `Test accuracy, %, mean over seeds:\n\n${markdownTable(header, rows)}`;
}

function shareTable(groups: Groups, cells: readonly Cell[]): string {
  const header = [
    'set',
    'flipped',
    'whole system',
    'of it by tuning alone',
    'beyond regularisation',
    'drop-oracle beyond',
    'auto − tuned, points',
  ];
  const rows = groups.map(([key, noisy]) => {
    const pairs = noisy.flatMap((cell) => {
      const clean = cleanOf(cell, cells);
      return clean === undefined || cell.rate === 0 ? [] : [sharesOf(cell, clean)];
    });
    const share = (of: keyof Shares): string =>
      pairs.length === 0
        ? ''
        : overSeeds(
            pairs.map((pair) => pair[of]),
            two,
          );
    const gain = overSeeds(
      noisy.map((cell) => 100 * (cell.auto - cell.tuned)),
      two,
    );
    return [key, share('whole'), share('tuningOnly'), share('beyond'), share('oracleBeyond'), gain];
  });
  return `Recovered shares, mean (95% bootstrap interval over seeds):\n\n${markdownTable(header, rows)}`;
}

function pooledTable(cells: readonly Cell[]): string {
  const shares = ['whole system', 'drop-oracle', 'beyond regularisation', 'drop-oracle beyond'];
  const table = markdownTable(['flipped', 'sets', 'cells', ...shares], pooledRows(cells, noiseOf));
  return `Σ gain / Σ cost over sets (95% bootstrap interval over seeds):\n\n${table}`;
}

function detectionTable(groups: Groups): string {
  const header = ['set', 'flipped', 'AUROC pvi', 'AUROC self_confidence', 'AP pvi', 'AP self_confidence'];
  const rows = groups
    .filter(([, cells]) => cells[0]!.rate > 0)
    .map(([key, cells]) => [
      key,
      ...(['auroc', 'averagePrecision'] as const).flatMap((measure) =>
        (['pvi', 'self_confidence'] as const).map((score) =>
          three(mean(cells.map((cell) => cell[measure][score]))),
        ),
      ),
    ]);
  return `Finding the flipped labels, out of fold, mean over seeds:\n\n${markdownTable(header, rows)}`;
}

function policyTable(groups: Groups): string {
  const names = [...new Set(groups.flatMap(([, [first]]) => Object.keys(first?.policies ?? {})))];
  const rows = groups.map(([key, cells]) => [
    key,
    ...names.map((name) => {
      if (!cells[0]!.policies[name]) return '';
      const gain = mean(cells.map((cell) => 100 * (cell.policies[name]!.accuracy - cell.tuned)));
      return `${two(gain)} (C ${cells.map((cell) => cell.policies[name]!.strength).join(', ')})`;
    }),
  ]);
  return `Each policy at its best strength against tuned uniform, points of test accuracy:\n\n${markdownTable(['set', 'flipped', ...names], rows)}`;
}

/** Noise that costs less is not worth weighing against. */
const DEAR = 0.02;

/** Whether auto is above or below a tuned model with the same noise, by each cell's interval over test rows. */
function tallyTable(groups: Groups, cells: readonly Cell[]): string {
  const tallies = groups.flatMap(([key, noisy]) => {
    const costs = noisy.flatMap((cell) => {
      const clean = cleanOf(cell, cells);
      return clean === undefined || cell.rate === 0 ? [] : [clean.tuned - cell.tuned];
    });
    return costs.length < noisy.length ? [] : [tallyOf(key, mean(costs), noisy)];
  });
  const dear = tallies.filter(({ cost }) => cost >= DEAR);
  const rows = tallies.map(({ key, cost, seeds, above, below }) => [
    key,
    percent(cost),
    `${above} of ${seeds}`,
    `${below} of ${seeds}`,
  ]);
  const table = markdownTable(['set', 'wrong', 'costs, points', 'seeds above', 'below'], rows);
  const most = dear.filter(({ above, seeds }) => above > seeds / 2).length;
  return [
    'What noise costs a tuned model, and at how many seeds auto is significantly above or below it (95%, test rows):',
    table,
    `At ${most} of ${dear.length} settings where noise costs ${percent(DEAR)} points or more auto is above at most seeds; ` +
      `below at any in ${tallies.filter(({ below }) => below > 0).length} of ${tallies.length}.`,
  ].join('\n\n');
}

const tallyOf = (key: string, cost: number, cells: readonly Cell[]) => ({
  ...{ key, cost, seeds: cells.length },
  above: cells.filter(({ gain }) => (gain?.low ?? 0) > 0).length,
  below: cells.filter(({ gain }) => (gain?.high ?? 0) < 0).length,
});

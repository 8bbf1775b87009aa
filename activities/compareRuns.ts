import type { RunComparison } from '../contracts/comparison.js';
import { DataError } from '../contracts/errors.js';
import { configDifferences } from '../core/explain/configDifferences.js';
import { spearman } from '../core/importance/index.js';
import { argmaxRows } from '../core/probability.js';
import { seeded } from '../core/random.js';
import { compareSlices } from '../core/slices/compareSlices.js';
import { bootstrapInterval } from '../core/statistics/bootstrap.js';
import { mcnemar } from '../core/statistics/pairedTests.js';
import { taskOf } from '../core/tasks/index.js';
import { pickRows } from '../core/table.js';
import { comparedData, comparedText, type ComparedData, type FinishedRun } from './comparedRun.js';
import { sideBySide } from './sideBySide.js';
import { sliceColumns } from './sliceColumns.js';

const SLICES_SHOWN = 100;
const CHANGED_SHOWN = 60;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The most runs that one comparison takes: as many as there are letters. */
export const MOST_COMPARED = LETTERS.length;

/** The test samples that all runs have, with the same target in each; of groups that are judged as a whole, their first. */
interface Common {
  readonly ids: readonly string[];
  readonly merits: readonly Float64Array[]; // by run, (ids,)
  readonly predicted: readonly (readonly string[])[]; // by run, names of classes
  readonly groups: Int32Array; // of the first run
  readonly rows: Int32Array; // of the first run
}

/**
 * What differs between finished runs, and what that did, judged on the test samples that all of them have. Nothing is
 * trained and no test split is opened again: the predictions are those that the runs made.
 *
 * @param finished the first is the base
 * @throws DataError where the runs have no test sample in common, or learn different tasks
 */
export async function compareRuns(finished: readonly FinishedRun[]): Promise<RunComparison> {
  const runs = await Promise.all(finished.map(comparedData));
  const [base] = runs as [ComparedData];
  const tasks = new Set(runs.map(({ summary }) => summary.task));
  if (tasks.size > 1) throw new DataError(`compare: expected runs of one task, got ${[...tasks].join(', ')}`);
  const common = commonSamples(runs);
  const { analysis } = base;
  return {
    metric: analysis.metric,
    runs: runs.map(({ summary }, i) => describe(summary, LETTERS[i]!)),
    config: configDifferences(runs.map(({ trace }) => trace.config as never)),
    metrics: metricsOf(runs),
    common: {
      samples: common.ids.length,
      openings: Math.max(...runs.map((run) => run.analysis.testOpenings)),
    },
    paired: runs.slice(1).map((_, i) => pairedResult(common, i + 1, base.summary.seed)),
    slices: slicesOf(base, common),
    training: runs.slice(1).map((run, i) => sharedTraining(base, run, LETTERS[i + 1]!)),
    changed: changedSamples(base, common),
    ...sideBySide(runs),
  };
}

function describe(summary: FinishedRun['summary'], label: string): RunComparison['runs'][number] {
  const { runId, name, weights, gate, stages, rows } = summary;
  const starts = stages.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const ends = stages.flatMap(({ endedAtMs }) => endedAtMs ?? []);
  return {
    ...{ label, runId, name, policy: weights.policy, effectiveSampleSize: weights.effectiveSampleSize },
    decision: gate === null ? 'not decided' : gate.promoted ? 'promoted' : 'refused',
    seconds: starts.length > 0 && ends.length > 0 ? (Math.max(...ends) - Math.min(...starts)) / 1000 : 0,
    rows: { train: rows.train, test: rows.test },
  };
}

function metricsOf(runs: readonly ComparedData[]): RunComparison['metrics'] {
  const weighted = runs.map(
    ({ analysis }) => analysis.arms.find(({ name }) => name === 'weighted')?.metrics ?? {},
  );
  const names = [...new Set(weighted.flatMap((metrics) => Object.keys(metrics)))];
  return names.map((name) => ({ name, values: weighted.map((metrics) => metrics[name] ?? null) }));
}

function commonSamples(runs: readonly ComparedData[]): Common {
  const targetOf = ({ samples, testRows }: ComparedData, id: string): string | undefined => {
    const place = testRows.get(id);
    return place && samples.classes[samples.targets[place.row]!];
  };
  const [base] = runs as [ComparedData];
  const ids = [...base.testRows.keys()].filter((id) =>
    runs.every((run) => targetOf(run, id) !== undefined && targetOf(run, id) === targetOf(base, id)),
  );
  if (ids.length === 0) {
    throw new DataError(
      'compare: the runs have no test sample in common (same id, same target); compare runs over versions of one dataset',
    );
  }
  const all = Int32Array.from(ids, (id) => base.testRows.get(id)!.row);
  const groups = all.map((row) => base.samples.groups[row]!);
  const targets = all.map((row) => base.samples.targets[row]!);
  const units = taskOf(base.trace.config.task).unitsOf({ targets, groups });
  return {
    ids: Array.from(units, (at) => ids[at]!),
    rows: units.map((at) => all[at]!),
    groups: units.map((at) => groups[at]!),
    merits: runs.map((run) => meritsOf(run, ids, groups, base.analysis.metric)),
    predicted: runs.map((run) => {
      const said = argmaxRows(run.logits, run.outputs);
      return Array.from(units, (at) => run.samples.classes[said[run.testRows.get(ids[at]!)!.at]!] ?? '');
    }),
  };
}

function meritsOf(
  run: ComparedData,
  ids: readonly string[],
  groups: Int32Array,
  metric: string,
): Float64Array {
  const { outputs, logits, samples, testRows } = run;
  const values = new Float64Array(ids.length * outputs);
  ids.forEach((id, i) => {
    const { at } = testRows.get(id)!;
    values.set(logits.subarray(at * outputs, (at + 1) * outputs), i * outputs);
  });
  const rows = ids.map((id) => testRows.get(id)!.row);
  return taskOf(run.trace.config.task).merit(
    {
      targets: Int32Array.from(rows, (row) => samples.targets[row]!),
      groups,
      logits: { rows: ids.length, cols: outputs, values },
    },
    metric,
  );
}

function pairedResult(
  { merits, groups }: Common,
  run: number,
  seed: number,
): RunComparison['paired'][number] {
  const [before, after] = [merits[0]!, merits[run]!];
  const values = after.map((merit, i) => merit - before[i]!);
  const fixed = values.filter((value) => value > 0).length;
  const broken = values.filter((value) => value < 0).length;
  return {
    label: LETTERS[run]!,
    change: bootstrapInterval({ values, groups, replicates: 2000, random: seeded(seed, 'compare') }),
    ...{ fixed, broken, pValue: mcnemar(fixed, broken) },
  };
}

function slicesOf({ trace, dataset }: ComparedData, { merits, rows }: Common): RunComparison['slices'] {
  const { columns } = trace.config.dataset;
  const { minSupport, columns: asked } = trace.config.analyse.slices;
  const input = { columns: sliceColumns(pickRows(dataset, rows), columns, asked), minSupport, pairs: false };
  const first = merits[0]!;
  const against = merits.map((weighted) => {
    const found = compareSlices(input, { uniform: first, weighted });
    return new Map(found.map((slice) => [slice.name, slice]));
  });
  return [...against[0]!.values()].slice(0, SLICES_SHOWN).map(({ name, support }) => ({
    name,
    support,
    values: against.map((slices) => slices.get(name)!.weighted),
    margins: against.map((slices) => slices.get(name)!.margin),
  }));
}

function sharedTraining(
  base: ComparedData,
  run: ComparedData,
  label: string,
): RunComparison['training'][number] {
  const targets = ({ samples }: ComparedData): Map<string, string> =>
    new Map(
      samples.ids.flatMap((id, row) =>
        samples.split[row] === 0 ? [[id, samples.classes[samples.targets[row]!] ?? ''] as const] : [],
      ),
    );
  const [before, after] = [targets(base), targets(run)];
  const both = [...before.keys()].filter((id) => after.has(id));
  return {
    label,
    samples: both.length,
    onlyFirst: before.size - both.length,
    onlyThis: after.size - both.length,
    relabelled: both.filter((id) => before.get(id) !== after.get(id)).length,
    scores: rankCorrelation(base.scores, run.scores),
    weights: rankCorrelation(base.weights, run.weights),
  };
}

function rankCorrelation(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number | null {
  const ids = [...a.keys()].filter((id) => b.has(id));
  const of = (map: ReadonlyMap<string, number>) => Float64Array.from(ids, (id) => map.get(id)!);
  const isFlat = (values: Float64Array): boolean => values.every((value) => value === values[0]);
  const [first, second] = [of(a), of(b)];
  return ids.length < 2 || isFlat(first) || isFlat(second) ? null : spearman(first, second);
}

/** Test samples that not all runs get right or wrong alike: those that the later runs lose first. */
function changedSamples(
  base: ComparedData,
  { ids, merits, predicted, rows }: Common,
): RunComparison['changed'] {
  const change = (i: number): number => merits.reduce((sum, values) => sum + values[i]! - merits[0]![i]!, 0);
  const differs = [...ids.keys()].filter((i) => merits.some((values) => values[i] !== merits[0]![i]));
  const order = differs.sort((a, b) => change(a) - change(b) || a - b);
  return {
    found: order.length,
    shown: order.slice(0, CHANGED_SHOWN).map((i) => ({
      id: ids[i]!,
      text: comparedText(base, rows[i]!),
      target: base.samples.classes[base.samples.targets[rows[i]!]!] ?? '',
      predicted: predicted.map((names) => names[i]!),
    })),
  };
}

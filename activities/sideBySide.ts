import type { RunComparison } from '../contracts/comparison.js';
import type { Analysis, RunSummary } from '../contracts/summary.js';
import { costsByStage } from '../report/sections/cost.js';

/** A run as its own report tells of it. */
interface Told {
  readonly summary: RunSummary;
  readonly analysis: Analysis;
}

type SideBySide = Pick<RunComparison, 'perClass' | 'calibration' | 'rounds' | 'weights' | 'stages'>;

/** What runs say of themselves, side by side; nothing is computed anew. */
export const sideBySide = (runs: readonly Told[]): SideBySide => ({
  perClass: classesOf(runs),
  calibration: runs.map(({ analysis }) => analysis.calibration),
  rounds: runs.map(({ summary }) => summary.rounds),
  weights: runs.map(({ summary }) => summary.weights),
  stages: stagesOf(runs),
});

function classesOf(runs: readonly Told[]): SideBySide['perClass'] {
  const known = runs.map(({ analysis }) => new Map(analysis.perClass.map((one) => [one.name, one])));
  const names = [...new Set(known.flatMap((classes) => [...classes.keys()]))];
  const spread = (f1: readonly (number | null)[]): number => {
    const values = f1.filter((value) => value !== null);
    return Math.max(...values) - Math.min(...values);
  };
  return names
    .map((name) => ({
      name,
      support: known.find((classes) => classes.has(name))!.get(name)!.support,
      f1: known.map((classes) => classes.get(name)?.f1 ?? null),
    }))
    .sort((a, b) => spread(b.f1) - spread(a.f1));
}

function stagesOf(runs: readonly Told[]): SideBySide['stages'] {
  const spent = runs.map(
    ({ summary }) => new Map(costsByStage(summary.stages).map(({ stage, ms }) => [stage, ms / 1000])),
  );
  const longest = (seconds: readonly (number | null)[]): number =>
    Math.max(...seconds.map((one) => one ?? 0));
  return [...new Set(spent.flatMap((stages) => [...stages.keys()]))]
    .map((stage) => ({ stage, seconds: spent.map((stages) => stages.get(stage) ?? null) }))
    .sort((a, b) => longest(b.seconds) - longest(a.seconds));
}

import type { LearningCurve } from '../contracts/detail.js';
import type { Figures } from '../contracts/stage.js';
import type { RunSummary } from '../contracts/summary.js';

/** A stage, or a piece of one, that has ended. */
export interface TrackedStage {
  readonly runId: string;
  readonly path: string; // `loop.2.choose`
  readonly figures: Figures;
  readonly atMs: number;
}

/** A run whose report is made. */
export interface TrackedRun {
  readonly summary: RunSummary;
  readonly page: Uint8Array; // the report
  readonly atMs: number;
}

/**
 * Where runs are told: one file in tracking/, one line in index.ts. A tracker may throw and may take its time: the queue
 * before it sees to it that training neither waits nor fails.
 */
export interface Tracker {
  readonly name: string;
  stage(stage: TrackedStage, signal: AbortSignal): Promise<void>;
  finished(run: TrackedRun, signal: AbortSignal): Promise<void>;
}

/** Round of a path: 0 before the loop. */
export const roundOf = (path: string): number => Number(/^loop\.(\d+)/.exec(path)?.[1] ?? 0);

/** Numbers among figures, named by their stage without the round: `loop/choose/metric`. */
export function stageScalars({ path, figures }: Pick<TrackedStage, 'path' | 'figures'>): [string, number][] {
  const stage = path.replace(/^loop\.\d+/, 'loop').replaceAll('.', '/');
  return Object.entries(figures).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' && Number.isFinite(value) ? [[`${stage}/${name}`, value]] : [],
  );
}

/** A value over steps. */
interface Series {
  readonly name: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** Losses and what the validation split was worth by step, and of both the step whose model was kept. */
function curveSeries({ arm, unit, losses, metric, qualities, kept }: LearningCurve): Series[] {
  const series = (name: string, values: readonly number[]): Series[] => {
    const points = values.map((value, at) => [at + 1, value] as const);
    return [
      { name: `${unit}s/${name}/${arm}`, points },
      { name: `${unit}s/${name}_kept/${arm}`, points: points.filter(([step]) => step === kept) },
    ];
  };
  return [...series('loss', losses), ...series(`validation_${metric}`, qualities)];
}

/** What a finished run is drawn from: the incumbent by round, curves by epoch, and the test metrics of every arm. */
export function runSeries({ rounds, detail, analysis }: RunSummary): Series[] {
  const metric = analysis?.metric ?? 'metric';
  return [
    { name: `rounds/${metric}`, points: rounds.map(({ round, metric: value }) => [round, value] as const) },
    ...(detail?.learning ?? []).flatMap(curveSeries),
    ...(analysis?.arms ?? []).flatMap(({ name: arm, metrics }) =>
      Object.entries(metrics).map(([name, { value }]) => ({
        name: `test/${name}/${arm}`,
        points: [[0, value] as const],
      })),
    ),
  ].filter(({ points }) => points.length > 0);
}

/** Settings as flat names and texts, defaults included. */
export function flatSettings(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    flatSettings(inner, path === '' ? key : `${path}.${key}`),
  );
}

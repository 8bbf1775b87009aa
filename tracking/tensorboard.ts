import { appendFile, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { headline } from '../report/headline.js';
import type { RunSummary } from '../contracts/summary.js';
import { encodeEvent, type EventValue } from './eventRecord.js';
import { flatSettings, roundOf, runSeries, stageScalars, type Tracker } from './tracker.js';

/**
 * TensorBoard event files, one folder a run: scalars of stages as they end; then rounds, epochs and test metrics, the
 * histograms of scores and weights, and the settings as text.
 *
 * @param folder what `tensorboard --logdir` is given
 */
export function tensorboardTracker(folder: string): Tracker {
  const begun = new Map<string, Promise<string>>(); // path of this process's file, by run
  const fileOf = (runId: string, atMs: number): Promise<string> => {
    let path = begun.get(runId);
    if (!path) begun.set(runId, (path = begin(folder, runId, atMs)));
    return path;
  };
  const append = async (
    runId: string,
    atMs: number,
    events: readonly [step: number, values: EventValue[]][],
  ) => {
    if (events.length === 0) return;
    const records = events.map(([step, values]) => encodeEvent({ wallTime: atMs / 1000, step, values }));
    await appendFile(await fileOf(runId, atMs), Buffer.concat(records));
  };
  return {
    name: 'tensorboard',
    stage: ({ runId, path, figures, atMs }) => {
      const values = stageScalars({ path, figures }).map(([tag, scalar]): EventValue => ({ tag, scalar }));
      return append(runId, atMs, values.length > 0 ? [[roundOf(path), values]] : []);
    },
    finished: ({ summary, atMs }) => append(summary.runId, atMs, eventsOf(summary)),
  };
}

async function begin(folder: string, runId: string, atMs: number): Promise<string> {
  const own = join(folder, runId.replace(/[^a-zA-Z0-9_.-]+/g, '_'));
  await mkdir(own, { recursive: true });
  const path = join(own, `events.out.tfevents.${Math.floor(atMs / 1000)}.${hostname()}.${process.pid}`);
  await appendFile(path, encodeEvent({ wallTime: atMs / 1000, step: 0, fileVersion: 'brain.Event:2' }));
  return path;
}

function eventsOf(summary: RunSummary): [step: number, values: EventValue[]][] {
  const { scores, weights, config } = summary;
  const settings = flatSettings(config).map(
    ([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`,
  );
  return [
    ...runSeries(summary).flatMap(({ name, points }) =>
      points.map(([step, value]): [number, EventValue[]] => [step, [{ tag: name, scalar: value }]]),
    ),
    [
      0,
      [
        { tag: 'scores', histogram: scores.histogram },
        { tag: 'weights', histogram: weights.histogram },
        { tag: 'result', text: headline(summary) },
        { tag: 'settings', text: ['| setting | value |', '| --- | --- |', ...settings].join('\n') },
      ],
    ],
  ];
}

import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headline } from '../report/headline.js';
import { roundOf, runSeries, stageScalars, type Tracker } from './tracker.js';

/**
 * A folder a run, as W&B's offline runs have it: `history.jsonl` (a line a stage, as it ends), `config.json`,
 * `summary.json` and `files/`. Plain JSON, so that any tracker's import reads it.
 */
export function offlineTracker(folder: string): Tracker {
  const own = async (runId: string): Promise<string> => {
    const path = join(folder, `offline-run-${runId.replace(/[^a-zA-Z0-9_.-]+/g, '_')}`);
    await mkdir(join(path, 'files'), { recursive: true });
    return path;
  };
  const append = async (runId: string, rows: readonly object[]): Promise<void> => {
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    if (lines !== '') await appendFile(join(await own(runId), 'history.jsonl'), lines);
  };
  return {
    name: 'offline',
    stage: async ({ runId, path, figures, atMs }) => {
      const scalars = stageScalars({ path, figures });
      if (scalars.length === 0) return;
      await append(runId, [
        { _timestamp: atMs / 1000, _step: roundOf(path), ...Object.fromEntries(scalars) },
      ]);
    },
    finished: async ({ summary, page, atMs }) => {
      const { runId, config, weights, gate } = summary;
      const series = runSeries(summary);
      await append(
        runId,
        series.flatMap(({ name, points }) =>
          points.map(([step, value]) => ({ _timestamp: atMs / 1000, _step: step, [name]: value })),
        ),
      );
      const path = await own(runId);
      const last = Object.fromEntries(series.map(({ name, points }) => [name, points.at(-1)![1]]));
      const about = { headline: headline(summary), policy: weights.policy, promoted: gate?.promoted ?? null };
      await writeFile(join(path, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
      await writeFile(join(path, 'summary.json'), `${JSON.stringify({ ...about, ...last }, null, 2)}\n`);
      await writeFile(join(path, 'files', 'report.html'), page);
    },
  };
}

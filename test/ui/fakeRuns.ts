import type { RunStatus } from '../../contracts/run.js';
import { renderReport } from '../../report/renderReport.js';
import type { RunsSource, ShownRun } from '../../ui/source.js';
import { sampleSummary } from '../fixtures/summary.js';

const DAY_MS = 86_400_000;

const finished = (day: number, state: string, metric: number, more = ''): ShownRun => {
  const start = Date.UTC(2026, 10, day, 9, 12, 3);
  return {
    ...{ runId: `train/catalogue/202611${day}-091203${more}`, state, stage: 'report', round: 2, metric },
    startedAt: new Date(start).toISOString(),
    endedAt: new Date(start + DAY_MS / 800).toISOString(),
    hasReport: state === 'completed',
  };
};

const open = (runId: string, state: string, stage: string): ShownRun => ({
  ...{ runId, state, stage, round: 1, metric: 0.8391, endedAt: null, hasReport: false },
  startedAt: new Date(Date.UTC(2026, 10, 26, 9, 12)).toISOString(),
});

const RUNNING = 'train/catalogue/20261126-091200';
const BLOCKED = 'train/returns/20261126-101500';

const status = (runId: string, more: Partial<RunStatus>): RunStatus => ({
  ...{ runId, name: 'catalogue', state: 'running', stage: 'importance', round: 1 },
  metric: { name: 'accuracy', value: 0.8391 },
  stages: sampleSummary()
    .stages.slice(0, 5)
    .map((stage) =>
      stage.path === 'importance.evidence'
        ? { ...stage, state: 'running' as const, shards: { done: 5, total: 9 } }
        : stage,
    ),
  ...more,
});

/** Fake RunsSource: some runs, a model and a benchmark. @param more put behind every text */
export function fakeRuns(more = ''): RunsSource {
  const runs: ShownRun[] = [
    open(`${BLOCKED}${more}`, 'blocked', 'clean'),
    open(`${RUNNING}${more}`, 'running', 'importance'),
    ...[24, 23, 22, 21, 20].map((day, i) => finished(day, 'completed', 0.8702 - 0.003 * i, more)),
    finished(19, 'failed', 0.81, more),
    finished(18, 'cancelled', 0.8, more),
    { ...finished(17, 'completed', 0.97), runId: `benchmark/estimators/20261117-091203${more}` },
  ];
  const page = new TextEncoder().encode(renderReport(sampleSummary()));
  return {
    runs: () => Promise.resolve({ runs }),
    status: (runId) => {
      if (runId.startsWith(RUNNING)) return Promise.resolve(status(runId, {}));
      if (!runId.startsWith(BLOCKED)) return Promise.resolve(undefined);
      const blocked = {
        ...{ stage: `clean${more}`, error: `items.csv: column price is missing${more}`, failedShards: [] },
        commands: [
          `assay retry ${runId} --stage clean --set dataset.columns.numeric=[]`,
          `assay abort ${runId}`,
        ],
      };
      return Promise.resolve(status(runId, { state: 'blocked', stage: 'clean', blocked }));
    },
    report: (runId) => Promise.resolve(runs.find((run) => run.runId === runId)?.hasReport ? page : undefined),
    models: () =>
      Promise.resolve([
        {
          name: `catalogue${more}`,
          champion: `catalogue@3${more}`,
          moves: [
            {
              version: 'catalogue@3',
              at: '2026-11-24T09:14:01Z',
              by: `gate${more}`,
              why: `the gate passed: +2.89 points${more}`,
            },
            {
              version: 'catalogue@2',
              at: '2026-11-20T09:14:01Z',
              by: 'dana',
              why: 'rolled back: slow queries',
            },
          ],
        },
      ]),
    temporalUrl: (runId) => `http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(runId)}`,
  };
}

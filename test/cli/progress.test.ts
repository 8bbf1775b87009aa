import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pc from 'picocolors';
import { barText } from '../../cli/live.js';
import { fractionDone, overallWords, remainingMs, stageLine } from '../../cli/progress.js';
import type { RunStatus, StageStatus } from '../../contracts/run.js';
import { columnsOf } from '../../core/text/columns.js';

const stage = (path: string, more: Partial<StageStatus> = {}): StageStatus => ({
  path,
  state: 'done',
  attempts: 1,
  figures: {},
  outputs: {},
  ...more,
});
const status = (...stages: StageStatus[]): RunStatus => ({
  runId: 'train/shop/1',
  name: 'shop',
  state: 'running',
  stage: '',
  round: 0,
  stages,
});

describe('progress of a run', () => {
  it('is nothing before the first stage and whole at the end', () => {
    assert.equal(fractionDone(status()), 0);
    assert.equal(fractionDone({ ...status(stage('ingest')), state: 'completed' }), 1);
  });

  it('never falls while stages follow each other', () => {
    const steps = [
      status(stage('ingest', { state: 'running' })),
      status(stage('ingest')),
      status(stage('ingest'), stage('train', { state: 'running', shards: { done: 3, total: 9 } })),
      status(stage('ingest'), stage('train', { state: 'running', shards: { done: 8, total: 9 } })),
      status(
        stage('ingest'),
        stage('train'),
        stage('loop.1', { state: 'running', shards: { done: 0, total: 4 } }),
      ),
      status(stage('ingest'), stage('train'), stage('loop.1'), stage('report')),
    ];
    const fractions = steps.map(fractionDone);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    assert.equal(fractions.at(-1), 1);
  });

  it('tells the time left only when enough is done', () => {
    assert.equal(remainingMs(status(stage('ingest', { startedAtMs: 0, state: 'running' })), 1000), undefined);
    // train is done: 3 + 6 + 8 + 14 of 100 shares took 31 s, so 69 s are left
    const later = status(stage('ingest', { startedAtMs: 0 }), stage('train'));
    assert.equal(remainingMs(later, 31_000), 69_000);
  });

  it('names time left, metric and round', () => {
    const at = {
      ...status(stage('ingest', { startedAtMs: 0 }), stage('train')),
      round: 1,
      metric: { name: 'accuracy', value: 0.83914 },
    };
    assert.equal(overallWords(at, 31_000), 'about 1 min 09 s left · accuracy 0.8391 · round 1');
  });
});

describe('the bar of a stage', () => {
  const words = 'about 1 min 09 s left · accuracy 0.8391 · round 1';
  for (const columns of [40, 60, 80, 120]) {
    it(`leaves the last of ${columns} columns free, and says how much is done`, () => {
      const line = barText({ columns, colors: pc.createColors(false) }, 'loop.2.importance', 0.5, words);
      assert.ok(columnsOf(line) < columns, line);
      assert.match(line, /^ {2}loop\.2\..+(50%|━{8,}).*about 1 min/u);
    });
  }
});

describe('a stage in one line', () => {
  const CASES: { name: string; stage: StageStatus; want: string }[] = [
    {
      name: 'done',
      stage: stage('clean', { startedAtMs: 0, endedAtMs: 6100, figures: { kept: 18973 } }),
      want: 'clean  6.1 s · kept 18,973',
    },
    {
      name: 'a fan-out under way',
      stage: stage('train', { state: 'running', shards: { done: 2, total: 9 } }),
      want: 'train  running, 2/9',
    },
    {
      name: 'retried',
      stage: stage('featurize', { attempts: 3, state: 'cached' }),
      want: 'featurize  cached, 3 attempts',
    },
    {
      name: 'blocked',
      stage: stage('clean', { state: 'blocked', error: 'DataError: no rows' }),
      want: 'clean  blocked · DataError: no rows',
    },
  ];
  it('leaves out figures that say nothing', () => {
    assert.equal(
      stageLine(stage('loop.2.boost', { figures: { slice: '', accepted: 0 } })),
      'loop.2.boost  accepted 0',
    );
  });
  for (const { name, stage: given, want } of CASES) it(name, () => assert.equal(stageLine(given), want));
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import pc from 'picocolors';
import { directories, absoluteSource, fileNameOf } from '../../cli/directories.js';
import { finishedRecords, recall, remember } from '../../cli/records.js';
import { resultLines } from '../../cli/results.js';
import { newRunId } from '../../cli/startRun.js';
import { tableLines, wrap } from '../../cli/table.js';
import { sampleSummary } from '../fixtures/summary.js';

const terminal = (columns: number) => ({ columns, colors: pc.createColors(false) });

const RESULTS = {
  runId: 'train/catalogue/20261124-091203',
  summary: sampleSummary(),
  detection: { samples: 13305, planted: 2661, rocAuc: 0.9812, averagePrecision: 0.9345 },
  leaderboard: null,
  reportPath: '/work/.assay/reports/x.html',
};

describe('the result of a run', () => {
  it('says the finding first, then the arms, the errors found, the gate, and where the report is', () => {
    const text = resultLines(RESULTS, terminal(100), 'http://127.0.0.1:8233').join('\n');
    assert.match(text, /^Training with confident_learning weights gets accuracy 0\.870/);
    assert.match(text, /uniform +0\.841 +0\.830 – 0\.852 +0\.830 +0\.819 – 0\.841/);
    assert.match(text, /shuffled +0\.839/);
    assert.match(text, /weighted +0\.870/);
    assert.match(text, /label errors +AUROC 0\.981, average precision 0\.93[45]: 2,661 planted among 13,305/);
    assert.match(text, /weak slices +query length ≤ 1: 0\.641 → 0\.689/);
    assert.match(text, /gate +Promoted: The challenger is not inferior/);
    assert.match(text, /report +\/work\/\.assay\/reports\/x\.html/);
    assert.match(text, /Temporal UI +http:\/\/127\.0\.0\.1:8233/);
  });

  it('tells what became of slice boosts, and which slices need other labels', () => {
    const text = resultLines(RESULTS, terminal(400)).join('\n');
    assert.match(text, /slice boosts +round 2: query length ≤ 1 words is not boosted: it does not win/);
    assert.match(text, /Trusted error 31%, noise rate 8%\./);
    assert.match(text, /to relabel +brand = Orbit: noise rate 41% \(240 samples\)/);
  });

  it('tells why the weights were chosen, what that cost, and what to be wary of', () => {
    const text = resultLines(RESULTS, terminal(400)).join('\n');
    assert.match(
      text,
      /why +confident_learning at C = 4 beats uniform by 0\.0223 \(p = 0\.0005\)\n +no candidate/,
    );
    assert.match(text, /cost +126 fits, 1 min 15 s of scoring and rounds/);
    assert.match(text, /repeats +rank correlation of scores 0\.91; weights drawn to 1 by reliability 0\.95/);
    assert.match(
      text,
      /game +15 units, widest interval ±0\.0021, rank correlation with the round before 0\.999/,
    );
    assert.match(
      text,
      /sources +Acme & sons: noise rate 30% \(912 samples\)\n +Orbit: .*\n +all 2 of vendor: 8%/,
    );
    assert.match(text, /warning +knn_shapley judges samples by the labels of held-out folds/);
  });

  for (const columns of [40, 80]) {
    it(`fits ${columns} columns, but for words that must be copied whole`, () => {
      const long = resultLines(RESULTS, terminal(columns)).filter((line) => [...line].length > columns);
      assert.deepEqual(long, []);
    });
  }

  it('of a run whose report was skipped still says which run it was', () => {
    const lines = resultLines({ ...RESULTS, summary: null, detection: null, reportPath: null }, terminal(80));
    assert.match(lines.join('\n'), /run {2}train\/catalogue/);
  });
});

describe('a table', () => {
  const headings = [{ head: 'run' }, { head: 'metric', numeric: true }];
  it('aligns numbers to the right', () => {
    assert.deepEqual(
      tableLines(
        headings,
        [
          ['a', '1'],
          ['bb', '10'],
        ],
        terminal(80),
      ),
      ['run  metric', 'a         1', 'bb       10'],
    );
  });
  it('becomes blocks where the screen is too narrow', () => {
    assert.deepEqual(tableLines(headings, [['train/shop/1', '10']], terminal(16)), [
      'train/shop/1',
      '  metric  10',
    ]);
  });
  it('shows no escape sequence of the data', () => {
    assert.ok(
      !tableLines(headings, [['\u001b]0;x\u0007', '1']], terminal(80))
        .join('')
        .includes('\u001b'),
    );
  });
  it('never breaks a word that has to be copied', () => {
    assert.deepEqual(wrap('type assay retry train/shop/20261124 now', 12), [
      'type assay',
      'retry',
      'train/shop/20261124',
      'now',
    ]);
  });
});

describe('names', () => {
  it('a run is named by config and second, in UTC', () => {
    assert.equal(newRunId('shop', new Date('2026-11-24T09:12:03.456Z')), 'train/shop/20261124-091203');
  });
  it('a run id becomes a file name that stays in its folder', () => {
    assert.equal(fileNameOf('train/../../x/1'), 'train_.._.._x_1');
  });
  const SOURCES = [
    ['data.csv', '/home/me/data.csv'],
    ['/data/a.csv', '/data/a.csv'],
    ['s3://bucket/a.csv', 's3://bucket/a.csv'],
    ['builtin:synthetic', 'builtin:synthetic'],
  ] as const;
  for (const [source, want] of SOURCES) {
    it(`the source ${source} is found from anywhere`, () =>
      assert.equal(absoluteSource(source, '/home/me'), want));
  }
});

describe('what this machine remembers of runs', () => {
  it('keeps the truth when the outcome comes, and lists finished runs newest first', () => {
    const root = mkdtempSync(join(tmpdir(), 'assay-records-'));
    try {
      const where = directories({ ASSAY_DIRECTORY: root });
      const outcome = { state: 'completed' as const, outputs: {}, figures: {} };
      remember(where, 'train/b/20261124-090000', { truth: '/t.csv' });
      remember(where, 'train/b/20261124-090000', { outcome });
      remember(where, 'train/a/20261124-100000', { outcome });
      remember(where, 'train/c/20261124-110000', {});
      assert.deepEqual(recall(where, 'train/b/20261124-090000'), {
        formatVersion: 1,
        runId: 'train/b/20261124-090000',
        truth: '/t.csv',
        outcome,
      });
      assert.deepEqual(
        finishedRecords(where).map(({ runId }) => runId),
        ['train/a/20261124-100000', 'train/b/20261124-090000'],
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

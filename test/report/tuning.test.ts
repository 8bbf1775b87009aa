import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunSummary } from '../../contracts/summary.js';
import { tuningLines } from '../../cli/tuningLines.js';
import { renderReport } from '../../report/renderReport.js';
import { sampleSummary } from '../fixtures/summary.js';
import { sampleTuning } from '../fixtures/tuning.js';

const plain = new Proxy({}, { get: () => (text: string) => text }) as Parameters<
  typeof tuningLines
>[1]['colors'];

describe('a search on the page', () => {
  const summary = { ...sampleSummary(), tuning: sampleTuning() };
  const page = renderReport(summary);
  const section = page.slice(page.indexOf('<section id="tuning"'), page.indexOf('<section id="rounds"'));

  it('is part of what a run leaves', () => assert.doesNotThrow(() => RunSummary.parse(summary)));

  it('has a row for every trial, the chosen one, the diverged one and those that ended early marked', () => {
    assert.equal(section.match(/<tr>/g)!.length, 1 + 6);
    assert.equal(section.match(/ended early/g)!.length, 2);
    for (const text of ['chosen', 'diverged', 'as configured', '[256,128]', '0.8512', 'on 33%'])
      assert.ok(section.includes(text), text);
  });

  it('draws an axis for each setting and one for the metric, and a line for each trial on all rows', () => {
    assert.match(section, /aria-label="3 trials by accuracy, the chosen one 0\.851"/);
    const wide = section.slice(section.indexOf('draw-wide'), section.indexOf('draw-narrow'));
    for (const name of ['learningRate', 'batchSize', 'hidden', 'accuracy'])
      assert.ok(wide.includes(`>${name}<`), name);
    assert.equal(wide.match(/<polyline|<path[^>]*fill="none"[^>]*stroke-width="(?:1\.5|3)"/g)!.length, 3);
  });

  it('is not there where nothing was searched', () => {
    assert.doesNotMatch(renderReport(sampleSummary()), /id="tuning"/);
  });
});

describe('a search on a screen', () => {
  for (const columns of [80, 60]) {
    it(`fits in ${columns} columns`, () => {
      const lines = tuningLines(sampleTuning(), { columns, colors: plain });
      for (const line of lines) assert.ok([...line].length <= columns, line);
      assert.ok(lines.some((line) => line.includes('1 chosen')));
      assert.ok(lines.some((line) => line.includes('0 as configured')));
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportMarkdown } from '../../report/markdown.js';
import { renderReport } from '../../report/renderReport.js';
import { sectionsOf } from '../../report/sections/index.js';
import { HOSTILE, spoiled } from '../browser.js';
import { sampleSummary } from '../fixtures/summary.js';

/** Rows of the first table below a heading. */
function tableBelow(markdown: string, heading: string): string[][] {
  const [, after = ''] = markdown.split(`\n## ${heading}\n`);
  const lines = after.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, i) => i > first && !line.startsWith('|'));
  return lines.slice(first, end).map((line) => line.slice(2, -2).split(' | '));
}

describe('the report as Markdown', () => {
  const markdown = reportMarkdown(sampleSummary());

  it('begins with the headline and the decision', () => {
    const [title, , decision] = markdown.split('\n');
    assert.match(title!, /^# catalogue: Training with confident\\_learning weights gets accuracy 0\.870/);
    assert.equal(
      decision,
      '**Promoted.** The challenger is not inferior to uniform training on any required check.',
    );
  });

  it('has every section of the page, in its order', () => {
    const titles = [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(
      titles,
      sectionsOf(sampleSummary()).map(({ title }) => title),
    );
  });

  it('has tables with as many cells in every row', () => {
    for (const { title } of sectionsOf(sampleSummary())) {
      const rows = tableBelow(markdown, title);
      assert.deepEqual(
        rows.filter(({ length }) => length !== rows[0]!.length),
        [],
        title,
      );
    }
  });

  it('says the numbers that the page says', () => {
    const page = renderReport(sampleSummary());
    const rows = tableBelow(markdown, 'Slice explorer');
    assert.equal(rows.length, 2 + 14);
    assert.deepEqual(rows[2], [
      'query length ≤ 1 words',
      '212',
      '0.641',
      '0.689',
      '+0.048',
      '± 0.031',
      'better',
    ]);
    for (const cell of rows.slice(2).flatMap((row) => row.slice(1)))
      assert.ok(page.includes(`>${cell}<`), cell);
  });

  it('says drawings in words: charts by what they show, intervals by their ends', () => {
    assert.match(markdown, /_Training samples: 66% easy, 17% ambiguous, 17% hard_/);
    assert.match(markdown, /\| accuracy \| 0\.841 \(0\.830 – 0\.852\) \|/);
    assert.match(markdown, /\| Toys \| 640 \| 0\.90 \| 0\.80 \| −5\.30 – 2\.30 \|/);
    assert.doesNotMatch(markdown, /<\w+|NaN|undefined/);
  });

  it('leaves hostile text inert: no markup and no table cell of its own', () => {
    const hostile = reportMarkdown(
      spoiled(sampleSummary(), new Set(['uniform', 'shuffled', 'weighted', 'accuracy', 'outOfFold'])),
    );
    assert.ok(hostile.length > HOSTILE.length);
    const outside = hostile.replace(/`[^`]*`/g, '').replace(/```[^]*?```/g, '');
    assert.doesNotMatch(outside, /(^|[^\\])<(script|img|svg|a)\b/i);
  });
});

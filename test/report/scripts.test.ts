import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { renderComparison } from '../../report/comparison/index.js';
import { renderLeaderboard } from '../../report/renderLeaderboard.js';
import { renderReport } from '../../report/renderReport.js';
import { homePage, runPage } from '../../ui/pages.js';
import { blankPage, launchBrowser, NO_BROWSER } from '../browser.js';
import { sampleComparison } from '../fixtures/comparison.js';
import { sampleLeaderboard } from '../fixtures/leaderboard.js';
import { inScripts } from '../fixtures/scripts.js';
import { sampleSummary } from '../fixtures/summary.js';
import { fakeRuns } from '../ui/fakeRuns.js';

const LAMPS = 'مصابيح وإضاءة';
const FAMILY = '👨‍👩‍👧‍👦 园艺';
const RUGS = '地毯和家居用品';

const runs = fakeRuns();
const home = async (): Promise<string> =>
  homePage(inScripts(await runs.runs()), inScripts(await runs.models()));
const blocked = async (): Promise<string> => {
  const [run] = (await runs.runs()).runs;
  assert.ok(run);
  const status = await runs.status(run.runId);
  assert.ok(status?.blocked);
  const error = 'جدول.csv: column الفئة has 3 unknown values';
  return runPage(run, { ...status, blocked: { ...status.blocked, error } }, undefined);
};

const PAGES: readonly (readonly [
  name: string,
  page: () => string | Promise<string>,
  shows: readonly string[],
])[] = [
  [
    'a report',
    () => renderReport(inScripts(sampleSummary())),
    [LAMPS, FAMILY, RUGS, 'おもちゃ', 'אחסון וסדר', 'الفئة = אחסון וסדר', 'brand = أوربت'],
  ],
  [
    'a comparison',
    () => renderComparison(inScripts(sampleComparison())),
    ['الفئة = אחסון וסדר', FAMILY, RUGS],
  ],
  ['a leaderboard', () => renderLeaderboard(inScripts(sampleLeaderboard())), ['銀行取引', 'مقارنة']],
  ['the page for runs', home, ['train/قائمة/20261124-091203', 'دانا']],
  ['the page of a run', blocked, ['جدول.csv: column الفئة has 3 unknown values']],
];

/** Where a piece of text starts, in pixels from the left; the first place in the element that has it. */
const leftOf = (page: Page, selector: string, text: string): Promise<number> =>
  page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.querySelector(${JSON.stringify(selector)}), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(${JSON.stringify(text)});
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + ${text.length});
      return range.getBoundingClientRect().left;
    }
    throw new Error('no ' + ${JSON.stringify(text)});
  })()`);

describe('pages in Chinese, Japanese, Arabic, Hebrew and emoji', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [name, make, shows] of PAGES) {
    it(`${name} shows every text whole, and fits on a phone`, async () => {
      const { page, complaints } = await blankPage(browser, { width: 390 });
      await page.setContent(await make());
      const shown = await page.locator('body').innerText();
      for (const text of shows) assert.ok(shown.includes(text), text);
      assert.doesNotMatch(shown, /\ufffd/);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  it('keeps our numbers in their order behind what is read from right to left', async () => {
    const summary = sampleSummary();
    const { profile } = summary;
    assert.ok(profile?.drift);
    const shifts = profile.drift.shifts.map((shift) => ({ ...shift, labels: shift.labels.map(() => LAMPS) }));
    const { page } = await blankPage(browser);
    await page.setContent(
      renderReport({ ...summary, profile: { ...profile, drift: { ...profile.drift, shifts } } }),
    );
    const cell = '#drift tbody tr:first-child td:last-child';
    assert.equal(await page.locator(cell).innerText(), `\u2068${LAMPS}\u2069 41% → 26%`);
    const [label, before, later] = await Promise.all(
      [LAMPS, '41%', '26%'].map((text) => leftOf(page, cell, text)),
    );
    assert.ok(label! < before! && before! < later!);
    await page.context().close();
  });

  it('reads a sentence of ours from the left, though it begins with an Arabic name', async () => {
    const { page } = await blankPage(browser);
    await page.setContent(await blocked());
    const [file, words, column] = await Promise.all(
      ['جدول', 'column', '3 unknown'].map((text) => leftOf(page, '#blocked .failure', text)),
    );
    assert.ok(file! < words! && words! < column!);
    await page.context().close();
  });

  it('draws labels of a chart in their own direction, beside their own line', async () => {
    const { page } = await blankPage(browser);
    await page.setContent(renderReport(inScripts(sampleSummary())));
    const labels = page.locator('#precision-recall .draw-wide text');
    const shown = await labels.allTextContents();
    for (const name of ['おもちゃ', 'אחסון וסדר', RUGS, LAMPS]) assert.ok(shown.includes(name), name);
    const directions =
      "[...document.querySelectorAll('.chart text')].map((one) => getComputedStyle(one).unicodeBidi)";
    assert.deepEqual([...new Set(await page.evaluate<string[]>(directions))], ['plaintext']);
    const boxes = await labels.evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect().toJSON() as DOMBox),
    );
    const legend = boxes.filter((_, i) => /[^\d.%]/.test(shown[i]!)).sort((a, b) => a.left - b.left);
    for (const [i, box] of legend.entries())
      if (i > 0 && Math.abs(box.top - legend[i - 1]!.top) < 4) assert.ok(box.left >= legend[i - 1]!.right);
    await page.context().close();
  });

  it('finds and sorts slices by words of any script', async () => {
    const { page } = await blankPage(browser);
    await page.setContent(renderReport(inScripts(sampleSummary())));
    const shown = () => page.locator('#explorer tbody tr:visible th').allTextContents();
    const field = page.getByRole('searchbox', { name: 'Filter: Slice explorer' });
    await field.fill('أوربت');
    assert.deepEqual(await shown(), ['brand = أوربت']);
    await field.fill('👨‍👩‍👧‍👦');
    assert.deepEqual(await shown(), [`الفئة = ${FAMILY}`]);
    await page.context().close();
  });

  it('clips a long text of emoji between two of them', async () => {
    const summary = sampleSummary();
    const [first, ...others] = summary.scores.least;
    assert.ok(first);
    const least = [{ ...first, text: '👨‍👩‍👧‍👦'.repeat(200) }, ...others];
    const { page } = await blankPage(browser);
    await page.setContent(renderReport({ ...summary, scores: { ...summary.scores, least } }));
    assert.match(await page.locator('#samples .text').first().innerText(), /^(👨‍👩‍👧‍👦)+…$/u);
    await page.context().close();
  });
});

interface DOMBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

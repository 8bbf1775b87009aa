import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { RunSummary } from '../../contracts/summary.js';
import { renderReport } from '../../report/renderReport.js';
import { sectionsOf } from '../../report/sections/index.js';
import { blankPage, launchBrowser, NO_BROWSER, spoiled, type Opened } from '../browser.js';
import { sampleSummary } from '../fixtures/summary.js';

const OURS = new Set([...['uniform', 'shuffled', 'weighted', 'done', 'cached', 'accuracy', 'outOfFold']]);
/** Every text that data or a user can put into a summary, made hostile; words of our own vocabulary stay. */
const hostile = (): RunSummary => spoiled(sampleSummary(), OURS);
const SECTIONS = sectionsOf(sampleSummary()).length;

describe('the report in a browser', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function open(
    summary: RunSummary,
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<Opened> {
    const opened = await blankPage(browser, { width, colorScheme });
    await opened.page.setContent(renderReport(summary), { waitUntil: 'load' });
    return opened;
  }

  for (const scheme of ['light', 'dark'] as const) {
    it(`renders in ${scheme} without a complaint and without a request`, async () => {
      const { page, complaints } = await open(sampleSummary(), 1200, scheme);
      assert.equal(await page.locator('section').count(), SECTIONS);
      assert.ok((await page.locator('figure.chart svg:visible').count()) >= 9);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  it('sorts a table by a click on its head, both ways, and says so to assistive technology', async () => {
    const { page } = await open(sampleSummary(), 1200);
    const head = page.locator('#slices th', { hasText: 'samples' });
    const column = () => page.locator('#slices tbody tr td:nth-child(2)').allTextContents();
    await head.getByRole('button').click();
    assert.deepEqual(await column(), ['387', '212', '151', '151', '118', '96']);
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await head.getByRole('button').click();
    assert.deepEqual(await column(), ['96', '118', '151', '151', '212', '387']);
    await page.context().close();
  });

  it('sorts by the keyboard, negative numbers below zero', async () => {
    const { page } = await open(sampleSummary(), 1200);
    await page.locator('#rounds th', { hasText: 'gain' }).getByRole('button').focus();
    await page.keyboard.press('Enter');
    const gains = await page.locator('#rounds tbody td:nth-child(5)').allTextContents();
    assert.equal(gains[0], '+0.0223');
    assert.equal(gains.at(-1), '−0.0079');
    await page.context().close();
  });

  it('filters the slices by typed words, says how many are left, and sorts what is left', async () => {
    const { page } = await open(sampleSummary(), 1200);
    const shown = () => page.locator('#explorer tbody tr:visible th').allTextContents();
    const field = page.getByRole('searchbox', { name: 'Filter: Slice explorer' });
    assert.equal(await page.locator('#explorer output').innerText(), '14 rows');
    await field.fill('category  TO');
    assert.deepEqual(await shown(), ['category = Storage', 'category = Toys']);
    assert.equal(await page.locator('#explorer output').innerText(), '2 of 14 rows');
    await page.locator('#explorer th', { hasText: 'weighted' }).getByRole('button').click();
    assert.deepEqual(await shown(), ['category = Toys', 'category = Storage']);
    await field.fill('');
    assert.equal((await shown()).length, 14);
    await page.context().close();
  });

  it('marks the words that speak for the suggested label, and those against, by more than colour', async () => {
    const { page } = await open(sampleSummary(), 1200);
    const first = page.locator('#label-errors tbody tr').first();
    const speaking = await first.locator('mark.for').allTextContents();
    assert.equal(speaking.filter((text) => text.trim() === 'lamp').length, 2);
    assert.deepEqual(await first.locator('mark.against').allTextContents(), [', oak foot']);
    const style = "getComputedStyle(document.querySelector('mark.against')).borderBottomStyle";
    assert.equal(await page.evaluate(style), 'dotted');
    await page.context().close();
  });

  it('tells those who see no charts what each of them says', async () => {
    const { page } = await open(sampleSummary(), 1200);
    const names = await page.getByRole('img').evaluateAll((all) => all.map((one) => one.ariaLabel ?? ''));
    assert.ok(names.length >= 10);
    assert.deepEqual(
      names.filter((name) => name.length < 5),
      [],
    );
    assert.match(names.join('\n'), /Training samples: 66% easy, 17% ambiguous, 17% hard/);
    assert.match(names.join('\n'), /featurize from clean/);
    await page.context().close();
  });

  const CHARTS: readonly (readonly [section: string, keys: readonly string[], value: RegExp])[] = [
    ['rounds', [], /^round 0, uniform, strength 0\.25: accuracy 0\.8312, gain −0\.0079$/],
    ['learning', ['End', 'ArrowLeft', 'ArrowLeft'], /^weighted, epoch 6: accuracy 0\.864, kept$/],
    ['calibration', ['End'], /^confidence 0\.95: 98\.0% right of 2,600 samples$/],
    ['weights', ['End', 'ArrowLeft'], /^1\.2 – 1\.3: 5,210 samples$/],
    ['data-map', ['ArrowRight', 'ArrowLeft'], /^p-\d{6}: margin 0\.\d\d, p 0\.\d\d, predicted \w+$/],
    ['precision-recall', ['Home'], /^Toys: recall 0%, precision 1\.00$/],
    ['drift', [], /^price: PSI 0\.287, by chance 0\.001, change: large$/],
    ['cross-validation', ['ArrowRight'], /^uniform, 1: 0\.8312$/],
    ['metrics', ['End'], /^weighted: 0\.8702 \(95%: 0\.8592 – 0\.8812\)$/],
  ];
  for (const [section, keys, value] of CHARTS) {
    it(`reads values of ${section} out, by arrow keys`, async () => {
      const { page, complaints } = await open(sampleSummary(), 1200);
      const chart = page.locator(`#${section} figure.chart`).first();
      const field = chart.getByRole('slider');
      await field.focus();
      for (const key of keys) await page.keyboard.press(key);
      assert.match(await chart.locator('output').innerText(), value);
      assert.equal(await field.getAttribute('aria-valuetext'), await chart.locator('output').innerText());
      assert.equal(await chart.locator('svg:visible circle.at').count(), 1);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  for (const width of [400, 1200]) {
    it(`reads out the point that is nearest to the pointer at ${width} pixels`, async () => {
      const { page } = await open(sampleSummary(), width);
      const chart = page.locator('#calibration figure.chart');
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.locator('svg:visible').boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width - 4, box.y + 20);
      assert.match(await chart.locator('output').innerText(), /^confidence 0\.95/);
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      assert.match(await chart.locator('output').innerText(), /^confidence 0\.[45]5/);
      const ring = await chart.locator('circle.at').boundingBox();
      assert.ok(ring && Math.abs(ring.x - box.x - box.width / 2) < 0.1 * box.width);
      await page.context().close();
    });
  }

  for (const width of [400, 1200]) {
    it(`does not overflow sideways at ${width} pixels, hostile text included`, async () => {
      for (const summary of [sampleSummary(), hostile()]) {
        const { page } = await open(summary, width);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.equal(overflow, 0);
        await page.context().close();
      }
    });
  }

  it('leaves hostile text inert', async () => {
    const { page, complaints } = await open(hostile(), 1200);
    assert.doesNotMatch(await page.title(), /^pwned/);
    assert.equal(await page.locator('img, a[href^="javascript"], svg[onload]').count(), 0);
    assert.equal(await page.locator('script').count(), 1);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('squeezes neither sentences nor the lineage graph on a phone: both are scrolled aside', async () => {
    const { page } = await open(sampleSummary(), 390);
    const graph = `(({ width }, shown) => [Number(width.baseVal.value), shown.width])(
      document.querySelector('.graph'), document.querySelector('.graph').getBoundingClientRect())`;
    const [drawn, shown] = (await page.evaluate(graph)) as number[];
    assert.equal(shown, drawn);
    const narrowest = `Math.min(...[...document.querySelectorAll('#gate tbody td:nth-child(3), #stages tbody td:last-child')]
      .filter((cell) => cell.textContent.length > 40).map((cell) => cell.clientWidth))`;
    assert.ok(Number(await page.evaluate(narrowest)) >= 200);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    await page.context().close();
  });

  it('can be read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.setContent(renderReport(sampleSummary()));
    assert.match(await page.locator('h1').innerText(), /\+0\.029 against uniform/);
    await context.close();
  });

  it('prints every row, whatever was filtered, and every section, without the contents beside them', async () => {
    const { page } = await open(sampleSummary(), 1200);
    await page.getByRole('searchbox', { name: 'Filter: Slice explorer' }).fill('no such slice');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('#explorer tbody tr:visible').count(), 14);
    assert.equal(await page.locator('nav').isVisible(), false);
    assert.equal(await page.locator('section:visible').count(), SECTIONS);
    await page.context().close();
  });

  it('prints the head of a long table on each of its pages, which Chromium does not where it holds a button', async () => {
    const { page } = await open(sampleSummary(), 1200);
    await page.emulateMedia({ media: 'print' });
    const boxes = `[...document.querySelectorAll('thead button')].map((one) => getComputedStyle(one).display)`;
    assert.deepEqual(new Set((await page.evaluate(boxes)) as string[]), new Set(['contents']));
    await page.context().close();
  });
});

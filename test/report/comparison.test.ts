import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { RunComparison } from '../../contracts/comparison.js';
import { configDifferences } from '../../core/explain/configDifferences.js';
import { comparisonMarkdown, renderComparison } from '../../report/comparison/index.js';
import { blankPage, launchBrowser, NO_BROWSER, spoiled } from '../browser.js';
import { sampleComparison } from '../fixtures/comparison.js';

const MEGABYTE = 1_000_000;

describe('configDifferences', () => {
  it('names what is not the same, by path; a list is one setting', () => {
    const found = configDifferences([
      { a: 1, b: { c: [1, 2], d: true } },
      { a: 1, b: { c: [1, 3] }, e: 'x' },
    ]);
    assert.deepEqual(found, [
      { path: 'b.c', values: ['[1,2]', '[1,3]'] },
      { path: 'b.d', values: ['true', null] },
      { path: 'e', values: [null, '"x"'] },
    ]);
  });
});

describe('a comparison', () => {
  it('is made of what the contract says, and says in a sentence who is better', () => {
    assert.doesNotThrow(() => RunComparison.parse(sampleComparison()));
    const page = renderComparison(sampleComparison());
    assert.match(
      page,
      /B is better than A: accuracy \+0\.029 \(95%: 0\.020\u00a0–\u2060\u00a00\.037\)\. C can’t be told from A/,
    );
    assert.equal(page, renderComparison(sampleComparison()));
    assert.ok(page.length < MEGABYTE);
    assert.doesNotMatch(page.replace(/<script>[^]*<\/script>/, ''), /NaN|undefined|https?:\/\//);
  });

  it('says the same as Markdown', () => {
    const text = comparisonMarkdown(sampleComparison());
    for (const title of [
      'Paired on the same samples',
      'Metrics',
      'Classes',
      'Slices',
      'What changed',
      'Calibration',
      'Rounds',
      'Weights',
      'Training samples',
      'Cost',
      'Config differences',
    ])
      assert.match(text, new RegExp(`^## ${title}$`, 'm'));
    assert.match(text, /\| C and A \| 12,967 \| 338 \| 1,014 \| 212 \| 0\.961 \| – \|/);
    assert.match(text, /\| Rugs \| 262 \| 0\.880 \| 0\.900 \| \+0\.020 \| – \| – \|/);
    assert.match(text, /\| A \| 0\.222 \| 0\.715 \| 0\.494 \|/); // 0.31 of a mean confidence of 9.3 / 13
    assert.match(text, /\| C \| 1 \| 1 \| confident\\?_learning \|/);
    assert.match(text, /\| `loop` \| – \| 51\.9 s \| 40\.2 s \|/);
    assert.match(text, /\| `loop\.maxRounds` \| `0` \| `3` \| `3` \|/);
  });
});

describe('a comparison in a browser', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it('sorts slices by the change of a run, and filters them', async () => {
    const { page, complaints } = await blankPage(browser);
    await page.setContent(renderComparison(sampleComparison()));
    const names = () => page.locator('#slices tbody tr:visible th').allTextContents();
    await page.locator('#slices th', { hasText: 'C − A' }).getByRole('button').click();
    assert.equal((await names())[0], 'price is missing');
    assert.equal((await names()).at(-1), 'category = Toys');
    await page.getByRole('searchbox', { name: 'Filter: Slices by run' }).fill('price');
    assert.deepEqual(await names(), ['price is missing', 'price > 120']);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('leaves no hole among the figures at the top of a phone, and prints no lead apart from its chart', async () => {
    const { page } = await blankPage(browser, { width: 390 });
    const two = sampleComparison();
    await page.setContent(renderComparison({ ...two, runs: two.runs.slice(0, 2) }));
    const boxes = `[...document.querySelectorAll('.tile, .tiles')].map((one) => one.getBoundingClientRect())
      .map(({ right, top }) => ({ right, top }))`;
    const [all, ...tiles] = (await page.evaluate(boxes)) as Box[];
    for (const { top } of tiles) {
      const row = tiles.filter((tile) => tile.top === top);
      assert.ok(all!.right - Math.max(...row.map(({ right }) => right)) <= 1);
    }
    await page.emulateMedia({ media: 'print' });
    const style = `(({ breakInside, breakAfter }) => [breakInside, breakAfter])(getComputedStyle(document.querySelector('.lead')))`;
    assert.deepEqual(await page.evaluate(style), ['avoid', 'avoid']);
    await page.context().close();
  });

  for (const width of [390, 1200]) {
    it(`leaves hostile text inert, and does not overflow at ${width} pixels`, async () => {
      const hostile = spoiled(sampleComparison(), new Set(['accuracy', 'A', 'B', 'C']));
      const { page, complaints } = await blankPage(browser, { width });
      await page.setContent(renderComparison(hostile));
      assert.doesNotMatch(await page.title(), /^pwned/);
      assert.equal(await page.locator('img, svg[onload]').count(), 0);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }
});

interface Box {
  readonly top: number;
  readonly right: number;
}

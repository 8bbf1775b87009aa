import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { RunSummary } from '../../contracts/summary.js';
import { renderReport } from '../../report/renderReport.js';
import { sampleSummary } from '../fixtures/summary.js';

const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const skip =
  CHROMIUM === undefined
    ? 'no Chromium: install it or set CHROMIUM_PATH; the report was NOT checked in a browser'
    : false;

const HOSTILE = `</style></title></script><script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">"'><a href="javascript:0">x</a>]]>--><svg onload="document.title='pwned'">\u202e`;

/** Every text that data or a user can put into a summary, made hostile; words of our own vocabulary stay. */
function hostile(): RunSummary {
  const ours = new Set(['uniform', 'shuffled', 'weighted', 'done', 'cached', 'accuracy']);
  const spoil = (value: unknown): unknown => {
    if (typeof value === 'string') return ours.has(value) ? value : `${value.slice(0, 8)}${HOSTILE}`;
    if (Array.isArray(value)) return value.map(spoil);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spoil(inner)]));
  };
  return spoil(sampleSummary()) as RunSummary;
}

interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

describe('the report in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  after(() => browser.close());

  async function open(
    summary: RunSummary,
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', ({ url }) => complaints.push(`request: ${url()}`));
    await page.setContent(renderReport(summary), { waitUntil: 'load' });
    return { page, complaints: complaints.filter((line) => !/^request: (about:|data:)/.test(line)) };
  }

  for (const scheme of ['light', 'dark'] as const) {
    it(`renders in ${scheme} without a complaint and without a request`, async () => {
      const { page, complaints } = await open(sampleSummary(), 1200, scheme);
      assert.equal(await page.locator('section').count(), 14);
      assert.equal(await page.locator('svg:visible').count(), 6);
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

  it('can be read without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.setContent(renderReport(sampleSummary()));
    assert.match(await page.locator('h1').innerText(), /\+0\.029 against uniform/);
    await context.close();
  });

  it('prints every section, without the contents beside them', async () => {
    const { page } = await open(sampleSummary(), 1200);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('nav').isVisible(), false);
    assert.equal(await page.locator('section:visible').count(), 14);
    await page.context().close();
  });
});

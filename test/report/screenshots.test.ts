import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { renderComparison } from '../../report/comparison/index.js';
import { renderLeaderboard } from '../../report/renderLeaderboard.js';
import { renderReport } from '../../report/renderReport.js';
import { homePage } from '../../ui/pages.js';
import { blankPage, launchBrowser, NO_BROWSER } from '../browser.js';
import { sampleComparison } from '../fixtures/comparison.js';
import { sampleLeaderboard } from '../fixtures/leaderboard.js';
import { sampleSummary } from '../fixtures/summary.js';
import { repositoryRoot } from '../paths.js';
import { fakeRuns } from '../ui/fakeRuns.js';

const IMAGES = join(repositoryRoot, 'docs', 'images');
const MOST_BYTES = 300_000;
/** Pictures are made anew by `ASSAY_WRITE_SCREENSHOTS=1`; fonts differ between machines, so they are not compared. */
const writes = process.env['ASSAY_WRITE_SCREENSHOTS'] === '1';

const home = async (): Promise<string> => homePage(await fakeRuns().runs(), await fakeRuns().models());
const PAGES: readonly {
  readonly name: string;
  readonly page: () => string | Promise<string>;
  readonly scheme: 'light' | 'dark';
  /** What is at the top of the picture. */
  readonly at?: string;
}[] = [
  { name: 'report', page: () => renderReport(sampleSummary()), scheme: 'light' },
  { name: 'report-label-errors', page: () => renderReport(sampleSummary()), scheme: 'dark', at: '#data-map' },
  {
    name: 'report-explanations',
    page: () => renderReport(sampleSummary()),
    scheme: 'light',
    at: '#explanations',
  },
  { name: 'compare', page: () => renderComparison(sampleComparison()), scheme: 'light' },
  { name: 'leaderboard', page: () => renderLeaderboard(sampleLeaderboard()), scheme: 'light' },
  { name: 'ui', page: home, scheme: 'dark' },
];

describe('pictures of the pages', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const { name, page: render, scheme, at } of PAGES) {
    it(`${name}: is drawn without a complaint, and is in docs/`, async () => {
      const { page, complaints } = await blankPage(browser, { colorScheme: scheme });
      await page.setContent(await render());
      if (at !== undefined) {
        const go = `document.querySelector('${at}').scrollIntoView({ behavior: 'instant' })`;
        await page.evaluate(go);
        assert.ok(Number(await page.evaluate('scrollY')) > 500, 'it shows what it is called by');
      }
      const picture = await page.screenshot();
      if (writes) {
        mkdirSync(IMAGES, { recursive: true });
        writeFileSync(join(IMAGES, `${name}.png`), picture);
      }
      assert.deepEqual(complaints, []);
      const kept = readFileSync(join(IMAGES, `${name}.png`));
      assert.equal(kept.subarray(1, 4).toString(), 'PNG');
      assert.ok(kept.length < MOST_BYTES, `${name}.png has ${kept.length} bytes`);
      await page.context().close();
    });
  }
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { Leaderboard } from '../../contracts/benchmark.js';
import { leaderboardMarkdown } from '../../report/leaderboardText.js';
import { renderLeaderboard } from '../../report/renderLeaderboard.js';
import { blankPage, launchBrowser, NO_BROWSER, spoiled } from '../browser.js';
import { sampleLeaderboard } from '../fixtures/leaderboard.js';

const MEGABYTE = 1_000_000;

describe('a leaderboard', () => {
  it('is made of what the contract says, the same characters each time, below a megabyte', () => {
    assert.doesNotThrow(() => Leaderboard.parse(sampleLeaderboard()));
    const page = renderLeaderboard(sampleLeaderboard());
    assert.equal(page, renderLeaderboard(sampleLeaderboard()));
    assert.ok(page.length < MEGABYTE);
    assert.doesNotMatch(page.replace(/<script>[^]*<\/script>/, ''), /NaN|undefined|https?:\/\//);
  });

  it('says in a sentence who is best, and who can’t be told from that', () => {
    assert.match(
      renderLeaderboard(sampleLeaderboard()),
      /pvi finds noisy samples best: mean 2-means F1 0\.871, AUROC 0\.981\. Over 24 shared trials it can’t be told from confident_learning\./,
    );
  });

  it('says the same as Markdown', () => {
    const text = leaderboardMarkdown(sampleLeaderboard());
    assert.match(text, /^\| pvi \| 0\.871 \|/m);
    assert.match(text, /^\| online_shopping \| uniform 20% \|/m);
  });
});

describe('a leaderboard in a browser', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it('sorts by a click, times by how long they are, not by their words', async () => {
    const { page, complaints } = await blankPage(browser);
    await page.setContent(renderLeaderboard(sampleLeaderboard()));
    const names = () => page.locator('#standings tbody th').allTextContents();
    const head = page.locator('#standings th', { hasText: 'time / 1000' }).first();
    await head.getByRole('button').click();
    assert.deepEqual((await names()).slice(0, 3), ['knn_shapley', 'aum', 'confident_learning']); // 1.2 s, 310 ms, 9.8 ms
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await head.getByRole('button').click();
    assert.equal((await names())[0], 'random');
    await page.locator('#groups th', { hasText: 'noise' }).getByRole('button').press('Enter');
    const noise = await page.locator('#groups tbody td:nth-child(2)').allTextContents();
    assert.deepEqual(noise, [...noise].sort());
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [390, 1200]) {
      it(`leaves hostile text inert, asks for nothing and does not overflow at ${width} pixels in ${scheme}`, async () => {
        for (const board of [sampleLeaderboard(), spoiled(sampleLeaderboard(), new Set(['random']))]) {
          const { page, complaints } = await blankPage(browser, { width, colorScheme: scheme });
          await page.setContent(renderLeaderboard(board));
          assert.doesNotMatch(await page.title(), /^pwned/);
          assert.equal(await page.locator('img, a[href^="javascript"], svg[onload]').count(), 0);
          assert.equal(await page.locator('script').count(), 1);
          assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
          assert.ok((await page.locator('figure.chart svg:visible').count()) >= 2);
          assert.deepEqual(complaints, []);
          await page.context().close();
        }
      });
    }
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { renderComparison } from '../../report/comparison/index.js';
import { renderLeaderboard } from '../../report/renderLeaderboard.js';
import { renderReport } from '../../report/renderReport.js';
import { homePage, runPage } from '../../ui/pages.js';
import { blankPage, launchBrowser, NO_BROWSER } from '../browser.js';
import { sampleComparison } from '../fixtures/comparison.js';
import { sampleLeaderboard } from '../fixtures/leaderboard.js';
import { sampleSummary } from '../fixtures/summary.js';
import { fakeRuns } from '../ui/fakeRuns.js';

const runs = fakeRuns();
const blockedRun = async (): Promise<string> => {
  const [run] = (await runs.runs()).runs;
  assert.ok(run);
  return runPage(run, await runs.status(run.runId), undefined);
};

const PAGES: readonly (readonly [name: string, page: () => string | Promise<string>])[] = [
  ['a report', () => renderReport(sampleSummary())],
  ['a comparison', () => renderComparison(sampleComparison())],
  ['a leaderboard', () => renderLeaderboard(sampleLeaderboard())],
  ['the page for runs', async () => homePage(await runs.runs(), await runs.models())],
  ['the page of a blocked run', blockedRun],
];

/** What axe-core says, as much of it as is told when a test fails. */
interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe('axe-core finds nothing to complain of', { skip: NO_BROWSER }, () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [name, make] of PAGES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`in ${name}, ${colorScheme}`, async () => {
        const { page } = await blankPage(browser, { colorScheme });
        await page.setContent(await make());
        await page.evaluate(axe);
        const found = await page.evaluate<Finding[]>('axe.run().then(({ violations }) => violations)');
        const told = found.flatMap(({ id, help, nodes }) =>
          nodes.slice(0, 3).map((node) => `${id}: ${help}\n${node.html}\n${node.failureSummary}`),
        );
        assert.deepEqual(told, []);
        await page.context().close();
      });
    }
  }

  it('and it would: it is told a page with a mistake', async () => {
    const { page } = await blankPage(browser);
    await page.setContent('<html lang="en"><title>t</title><main><h1>t</h1><img src="data:,"></main></html>');
    await page.evaluate(axe);
    const found = await page.evaluate<Finding[]>('axe.run().then(({ violations }) => violations)');
    assert.deepEqual(
      found.map(({ id }) => id),
      ['image-alt'],
    );
    await page.context().close();
  });
});

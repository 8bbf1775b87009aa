import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { renderReport } from '../../report/renderReport.js';
import { startUi } from '../../ui/server.js';
import { blankPage, HOSTILE, launchBrowser, NO_BROWSER } from '../browser.js';
import { sampleSummary } from '../fixtures/summary.js';
import { fakeRuns } from './fakeRuns.js';

/** Asks for a page with whatever headers. */
const ask = (
  url: string,
  options: { method?: string; host?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = options.host === undefined ? {} : { host: options.host };
    const asked = request(url, { method: options.method ?? 'GET', headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.once('error', reject);
    asked.end();
  });

describe('the server of the page for runs', () => {
  let served: Awaited<ReturnType<typeof startUi>>;
  before(async () => {
    served = await startUi(fakeRuns(), { host: '127.0.0.1', port: 0 });
  });
  after(() => served.close());

  it('forbids scripts, framing, guessing of types and keeping', async () => {
    const { status, headers } = await ask(served.url);
    assert.equal(status, 200);
    assert.match(
      String(headers['content-security-policy']),
      /default-src 'none'.*script-src 'sha256-[^']+'.*frame-ancestors 'none'/,
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
  });

  const refused = [
    { name: 'whoever wants to change something', method: 'POST', status: 405 },
    { name: 'whoever wants to delete something', method: 'DELETE', status: 405 },
    { name: "another site's name for this machine", host: 'evil.example', status: 403 },
  ];
  for (const { name, status, ...how } of refused) {
    it(`refuses ${name}`, async () => assert.equal((await ask(served.url, how)).status, status));
  }

  const missing = [
    'nothing',
    'runs/train%2Ftoy%2Fnone',
    'runs/%zz',
    'runs/train%2Ftoy%2F3/report',
    '..%2f..%2fetc%2fpasswd',
  ];
  for (const path of missing) {
    it(`has no page at /${path}, and says so`, async () => {
      const { status, text } = await ask(`${served.url}${path}`);
      assert.equal(status, 404);
      assert.match(text, /Not found/);
    });
  }

  it('asks anew by itself only while something is under way', async () => {
    assert.match((await ask(served.url)).text, /http-equiv="refresh" content="5"/);
    const done = await ask(`${served.url}runs/${encodeURIComponent('train/catalogue/20261124-091203')}`);
    assert.doesNotMatch(done.text, /http-equiv="refresh"/);
  });

  it('tells what went wrong as a page, markup in it inert', async () => {
    const broken = { ...fakeRuns(), runs: () => Promise.reject(new Error(`no store ${HOSTILE}`)) };
    const own = await startUi(broken, { host: '127.0.0.1', port: 0 });
    const { status, text } = await ask(own.url);
    await own.close();
    assert.equal(status, 500);
    assert.match(text, /no store &lt;\/style&gt;/);
  });
});

describe('the page for runs in a browser', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof startUi>>;
  before(async () => {
    browser = await launchBrowser();
    served = await startUi(fakeRuns(), { host: '127.0.0.1', port: 0 });
  });
  after(async () => {
    await browser.close();
    await served.close();
  });

  it('lists runs, sorts and filters them, and leads to a run and its report', async () => {
    const { page, complaints } = await blankPage(browser, {}, served.url);
    await page.goto(served.url);
    assert.match(
      await page.locator('h1').innerText(),
      /^9 runs: 1 blocked and waiting for an operator, 1 under way, \d completed; 1 benchmark\.$/,
    );
    await page.getByRole('searchbox', { name: 'Filter: Runs' }).fill('blocked');
    assert.equal(await page.locator('#runs tbody tr:visible').count(), 1);
    await page.locator('#runs tbody tr:visible a').first().click();
    assert.match(await page.locator('#blocked').innerText(), /column price is missing/);
    assert.match(await page.locator('#blocked pre').innerText(), /assay retry/);
    assert.match(
      (await page.getByRole('link', { name: 'Temporal UI' }).getAttribute('href')) ?? '',
      /^http:\/\/127\.0\.0\.1:8233\/namespaces\/default\/workflows\/train%2F/,
    );
    await page.getByRole('link', { name: 'all runs' }).click();
    await page.getByRole('link', { name: 'report' }).first().click();
    assert.equal(await page.title(), 'catalogue · Assay report');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('asks anew until the reader stops that', async () => {
    const { page } = await blankPage(browser, {}, served.url);
    await page.goto(served.url);
    await page.getByRole('button', { name: 'Stop asking anew' }).click();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(5500);
    assert.deepEqual(asked, []);
    await page.getByRole('button', { name: 'Ask anew again' }).click();
    await page.waitForEvent('load');
    assert.equal(asked[0], served.url);
    await page.context().close();
  });

  it('shows who was champion when, and why', async () => {
    const { page } = await blankPage(browser, {}, served.url);
    await page.goto(served.url);
    assert.match(await page.locator('#models').innerText(), /champion is catalogue@3[^]*the gate passed/);
    await page.context().close();
  });

  it('shows pieces of a stage that are done, and figures', async () => {
    const { page } = await blankPage(browser, { colorScheme: 'dark' }, served.url);
    await page.goto(`${served.url}runs/${encodeURIComponent('train/catalogue/20261126-091200')}`);
    assert.match(await page.locator('#progress').innerText(), /importance\.evidence[^]*5 of 9/);
    await page.context().close();
  });

  for (const width of [390, 1200]) {
    it(`leaves hostile names inert and does not overflow at ${width} pixels`, async () => {
      const own = await startUi(fakeRuns(HOSTILE), { host: '127.0.0.1', port: 0 });
      const { page, complaints } = await blankPage(browser, { width }, own.url);
      await page.goto(own.url);
      assert.equal(await page.title(), 'Assay');
      assert.equal(await page.locator('img, svg[onload], a[href^="javascript"]').count(), 0);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
      await page.locator('#runs tbody a').first().click();
      assert.doesNotMatch(await page.title(), /^pwned/);
      assert.deepEqual(complaints, []);
      await page.context().close();
      await own.close();
    });
  }

  it('serves the report as it is in the store', async () => {
    const { text } = await ask(
      `${served.url}runs/${encodeURIComponent('train/catalogue/20261124-091203')}/report`,
    );
    assert.equal(text, renderReport(sampleSummary()));
  });
});

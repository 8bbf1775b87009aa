import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Browser, Locator, Page } from 'playwright-core';
import { startRun } from '../../cli/startRun.js';
import { blankPage, launchBrowser, NO_BROWSER } from '../browser.js';
import { QUICK, toyConfig } from '../fakes/toyRun.js';
import { startCluster, untilBlocked, type Cluster } from '../faults/cluster.js';
import { repositoryRoot } from '../paths.js';

/** Pictures for docs/operations.md are made anew by `ASSAY_WRITE_SCREENSHOTS=1`. */
const writes = process.env['ASSAY_WRITE_SCREENSHOTS'] === '1';
const RUN = 'train/shop/20261124-091203';
const WITHIN_MS = 60_000;
const TYPED_WRONG = 'data/catalog.csv';
const RIGHT = 'data/catalogue.csv';

describe("an operator who has nothing but Temporal's own UI", { skip: NO_BROWSER }, () => {
  let cluster: Cluster;
  let browser: Browser;
  let page: Page;
  let handle: WorkflowHandle;
  before(async () => {
    cluster = await startCluster(300, 0.1);
    await mkdir(join(cluster.folder, 'data'));
    await copyFile(join(cluster.folder, 'toy.csv'), join(cluster.folder, RIGHT));
    await cluster.startWorker('work', {}, { cwd: cluster.folder });
    const config = toyConfig(TYPED_WRONG, { ...QUICK, name: 'shop' });
    const { client, address } = cluster;
    await startRun({ client, address, namespace: 'default', close: () => Promise.resolve() }, config, RUN);
    handle = client.workflow.getHandle(RUN);
    await untilBlocked(handle);
    browser = await launchBrowser();
    ({ page } = await blankPage(browser, { width: 1280 }, cluster.uiUrl));
    page.setDefaultTimeout(WITHIN_MS);
  });
  after(async () => {
    await browser?.close();
    await cluster.stop();
  });

  async function keep(name: string): Promise<void> {
    if (writes)
      await page.screenshot({ path: join(repositoryRoot, 'docs/images', `temporal-ui-${name}.png`) });
  }
  /** The UI has a copy of some of its parts for narrow windows. */
  const shown = (found: Locator): Locator => found.filter({ visible: true }).first();
  /** The UI shows Markdown in frames of its own. */
  const metadata = async (until: RegExp): Promise<string> => {
    await shown(page.getByTestId('user-metadata-tab')).click();
    for (const end = Date.now() + WITHIN_MS; Date.now() < end; await sleep(100)) {
      const frames = page.frames().filter((frame) => frame.url().includes('/render?'));
      const texts = frames.map((frame) =>
        frame
          .locator('body')
          .innerText({ timeout: 1_000 })
          .catch(() => ''),
      );
      const said = (await Promise.all(texts)).join('\n');
      if (until.test(said)) return said;
    }
    throw new Error(`User Metadata does not say ${String(until)}`);
  };

  it('finds the blocked run by its search attribute', async () => {
    const query = encodeURIComponent("AssayStatus='blocked'");
    await page.goto(`${cluster.uiUrl}/namespaces/default/workflows?query=${query}`);
    const run = page.getByRole('link', { name: RUN }).first();
    await run.waitFor();
    await keep('search');
    await run.click();
  });

  it('reads what the run is, the table of stages, the error and the next command', async () => {
    const said = await metadata(/Blocked at ingest/);
    assert.match(said, /shop: classification with linear, pvi/);
    assert.match(said, /data: data\/catalog\.csv/);
    assert.match(said, /stage\s+state\s+shards\s+attempts\s+time\s+figures or error/);
    assert.match(
      said,
      /ingest\s+blocked\s+1\s+DataError: no file data\/catalog\.csv; the folder data has: catalogue\.csv/,
    );
    assert.match(said, new RegExp(`assay retry ${RUN} --stage ingest`));
    await keep('details');
  });

  it('is told in the dialog what the Update takes, and why a wrong one is refused', async () => {
    const dialog = await send({ action: 'skip', stage: 'ingest' });
    await dialog
      .getByText(/^"ingest" can't be skipped: .*retry or abort/)
      .first()
      .waitFor();
    await dialog.getByTestId('cancel-modal-button').click();
  });

  it('sends resolveStage with the right file, and sees the run go on to its end', async () => {
    const dialog = await send(
      { action: 'retry', stage: 'ingest', set: { 'dataset.source': RIGHT } },
      'update',
    );
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(((await handle.result()) as { state: string }).state, 'completed');
    await page.reload();
    const said = await metadata(/shop: completed/);
    for (const stage of ['ingest', 'train', 'analyse', 'report'])
      assert.match(said, new RegExp(`${stage}\\s+done\\s`));
    await keep('completed');
  });

  /** Types an answer into the dialog of Updates and sends it. */
  async function send(answer: Record<string, unknown>, picture?: string): Promise<Locator> {
    await shown(page.getByRole('button', { name: 'More Actions' })).click();
    await shown(page.getByText('Send an Update')).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByTestId('update-select-button').click();
    const option = dialog.getByRole('option', { name: /resolveStage/ });
    assert.match(await option.innerText(), /Answer a blocked stage: \{"action":"retry"/);
    await option.click();
    const data = dialog.locator('.cm-content').first();
    await data.click();
    await page.keyboard.press('ControlOrMeta+A'); // what was sent before is still there
    await page.keyboard.insertText(JSON.stringify(answer));
    // Left, it is laid out anew, and the button moves away from under the mouse.
    await data.blur();
    await data.getByText(/^\{$/).first().waitFor();
    if (picture !== undefined) await keep(picture);
    await dialog.getByTestId('confirm-modal-button').click();
    return dialog;
  }
});

import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { directories } from '../../cli/directories.js';
import { prepareConfig } from '../../cli/preparedConfig.js';
import { openTerminal } from '../../cli/terminal.js';
import { loadRunConfig } from '../../config/load.js';

it('a run finds its files wherever its workers were started: of rows, of joined tables, of facts', async () => {
  const text = `name: shop
dataset:
  source: [rows/*.csv, s3://shop/rows.csv]
  joins:
    - { name: products, source: products.csv, on: sku }
    - { name: labels, source: [s3://shop/labels.csv, more/labels.csv], on: sku }
  columns: { target: y, text: [t] }
knowledge: { graph: facts.csv }
`;
  const config = loadRunConfig(text, { path: 'assay.yaml' });
  const prepared = await prepareConfig(config, directories({}), openTerminal({}));
  const { source, joins } = prepared.config.dataset;
  assert.equal(prepared.config.knowledge?.graph, resolve('facts.csv'));
  assert.deepEqual(source, [resolve('rows/*.csv'), 's3://shop/rows.csv']);
  assert.deepEqual(
    joins?.map((one) => one.source),
    [resolve('products.csv'), ['s3://shop/labels.csv', resolve('more/labels.csv')]],
  );
});

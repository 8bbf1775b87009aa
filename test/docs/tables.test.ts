import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { runIngest } from '../activities/tableStages.js';
import { repositoryRoot } from '../paths.js';

it('docs/tables.md joins its tables to the rows that it says', async () => {
  const page = readFileSync(join(repositoryRoot, 'docs/tables.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)];
  const yaml = blocks.find(([, language]) => language === 'yaml')![3]!;
  const files = Object.fromEntries(blocks.flatMap(([, , name, text]) => (name ? [[name, text!]] : [])));
  const { dataset } = loadRunConfig(yaml, { path: 'assay.yaml' });
  const { rows, quarantine } = await runIngest(files, dataset);
  const shown = rows.map(({ title, target, query }) => [query, title, target]);
  assert.deepEqual(shown.sort(), [
    ['oak table', 'Oak table 120 cm', 'yes'],
    ['oak table', 'Wool rug', 'no'],
  ]);
  assert.equal(quarantine.length, 1);
  assert.ok(page.includes(`\`${String(quarantine[0]!['reason'])}\``));
});

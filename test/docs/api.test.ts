import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { repositoryRoot } from '../paths.js';
import { apiReference } from './apiReference.js';

const reference = apiReference();

it('docs/api.md says what the doc comments of the four libraries say (ASSAY_UPDATE_DOCS=1 writes it)', async () => {
  const path = join(repositoryRoot, 'docs/api.md');
  const text = await format(reference, { ...(await resolveConfig(path)), parser: 'markdown' });
  if (process.env['ASSAY_UPDATE_DOCS'] === '1') writeFileSync(path, text);
  assert.equal(readFileSync(path, 'utf8'), text);
});

it('every export of the libraries says what it is', () => {
  const entries = reference.split(/^### /mu).slice(1);
  assert.ok(entries.length > 90, `${entries.length} entries`);
  const silent = entries
    .filter((entry) => /```\n*(## [\s\S]*)?$/u.test(entry))
    .map((entry) => entry.split('\n')[0]);
  assert.deepEqual(silent, []);
});

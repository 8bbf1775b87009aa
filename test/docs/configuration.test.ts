import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { configurationReference } from '../../config/reference.js';
import { repositoryRoot } from '../paths.js';

it('docs/configuration.md says what the schema says (ASSAY_UPDATE_DOCS=1 writes it)', () => {
  const path = join(repositoryRoot, 'docs/configuration.md');
  if (process.env['ASSAY_UPDATE_DOCS'] === '1') writeFileSync(path, configurationReference());
  assert.equal(readFileSync(path, 'utf8'), configurationReference());
});

it('no setting is without a meaning', () => {
  const rows = configurationReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  assert.ok(rows.length > 300, String(rows.length));
  assert.deepEqual(
    rows.filter((line) => /\|\s*\|$/u.test(line)),
    [],
  );
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { importanceReference } from '../../config/importanceReference.js';
import { repositoryRoot } from '../paths.js';

it('docs/importance.md says what the registry says (ASSAY_UPDATE_DOCS=1 writes it)', () => {
  const path = join(repositoryRoot, 'docs/importance.md');
  if (process.env['ASSAY_UPDATE_DOCS'] === '1') writeFileSync(path, importanceReference());
  assert.equal(readFileSync(path, 'utf8'), importanceReference());
});

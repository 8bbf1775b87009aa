import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { editorSchema } from '../../config/editorSchema.js';
import { registries } from '../../config/registries.js';
import { keysAt, schemasAt } from '../../config/schemaPaths.js';
import { repositoryRoot } from '../paths.js';
import { keyPaths } from './keyPaths.js';

const root = editorSchema();

describe('the schema for editors', () => {
  const folder = join(repositoryRoot, 'examples');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    it(`knows every key of examples/${file}`, () => {
      const value: unknown = parse(readFileSync(join(folder, file), 'utf8'));
      const all = [...keyPaths(value)];
      assert.ok(all.length > 5);
      for (const path of all) assert.notDeepEqual(schemasAt(root, value, path), [], path.join('.'));
    });
  }

  it('completes the parameters of the model that is named, and of no other', () => {
    const keys = (name: string) => keysAt(root, { model: { name } }, ['model']);
    assert.ok(keys('linear').includes('C'));
    assert.ok(!keys('trees').includes('C'));
    assert.ok(keys('trees').includes('name'));
  });

  it('knows no key that is misspelt', () => {
    const value = { model: { name: 'linear', Cc: 1 } };
    assert.deepEqual(schemasAt(root, value, ['model', 'Cc']), []);
    assert.deepEqual(schemasAt(root, {}, ['datset']), []);
  });

  it('lists the names of every registry', () => {
    const [estimator] = schemasAt(root, {}, ['importance', 'estimator']);
    assert.deepEqual(
      estimator?.enum,
      registries.estimators.map(({ name }) => name),
    );
  });
});

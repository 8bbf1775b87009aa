import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../config/load.js';
import { datasets } from '../datasets/index.js';
import { repositoryRoot } from './paths.js';

const folder = join(repositoryRoot, 'examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** Of files that are not ours to ship: test/activities/relevanceFiles.test.ts ingests some of that form. */
const FILES = ['wands.yaml', 'esci.yaml'];

describe('examples/', () => {
  it('has one for every set that is read, and a tiny one', () => {
    const wanted = [
      'banking77',
      'clinc150',
      'pricerunner',
      'online_shopping',
      'financial_phrasebank',
      'pricerunner_relevance',
      'lambdarank_sample',
      'amazon_google',
      'tiny',
    ];
    assert.deepEqual(
      wanted.filter((name) => !files.includes(`${name}.yaml`)),
      [],
    );
  });

  it('each has a page, which the recipes name', () => {
    const recipes = readFileSync(join(repositoryRoot, 'docs/recipes.md'), 'utf8');
    assert.deepEqual(
      files.filter((file) => !recipes.includes(`](../examples/${file})`)),
      [],
    );
  });

  for (const file of files) {
    it(`${file} is a valid run of a set that exists, with the set's own columns`, () => {
      const config = loadRunConfig(readFileSync(join(folder, file), 'utf8'), { path: file });
      if (FILES.includes(file)) return;
      const set = datasets.find(({ name }) => `builtin:${name}` === config.dataset.source);
      assert.ok(set, `${file}: no built-in set ${String(config.dataset.source)}`);
      assert.equal(config.dataset.columns.target, set.preset.dataset.columns.target);
      assert.deepEqual(config.dataset.columns.text, set.preset.dataset.columns.text ?? []);
    });
  }

  it('banking77 plants a fifth of wrong labels and is chosen over 3 outer and 5 inner folds', () => {
    const config = loadRunConfig(readFileSync(join(folder, 'banking77.yaml'), 'utf8'), {
      path: 'banking77.yaml',
    });
    assert.deepEqual(config.dataset.plantNoise, { rate: 0.2, kind: 'uniform', seed: 42 });
    assert.deepEqual([config.loop.outerFolds, config.importance.folds], [3, 5]);
  });
});

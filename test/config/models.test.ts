import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { models } from '../../models/index.js';

const config = (model: string): string =>
  `name: shop\ndataset: { source: items.csv, columns: { target: kind, text: [title] } }\nmodel: ${model}\n`;
const load = (model: string) => loadRunConfig(config(model), { path: 'assay.yaml' });

for (const { name } of models) {
  it(`model.name: ${name} is a config, with every parameter filled in`, () => {
    const { model } = load(`{ name: ${name} }`);
    assert.equal(model.name, name);
    assert.ok(Object.keys(model).length > 4, Object.keys(model).join());
  });

  it(`a parameter that ${name} does not have is named`, () => {
    assert.throws(() => load(`{ name: ${name}, learningRat: 1 }`), {
      name: 'ConfigError',
      message: /learningRat/,
    });
  });
}

it('parameters of networks are checked', () => {
  const cases = [
    { model: '{ name: lstm, pooling: max }', message: /model\.pooling/ },
    { model: '{ name: transformer, preset: huge }', message: /model\.preset/ },
    { model: '{ name: mlp, dropout: 1 }', message: /model\.dropout/ },
  ];
  for (const { model, message } of cases) assert.throws(() => load(model), message);
});

it('features of a model that reads text as a sequence are not selected or reduced', () => {
  const given = `${config('{ name: lstm }')}features: { select: { features: 5 }, reduce: [{ method: svd }] }\n`;
  const load = () => loadRunConfig(given, { path: 'assay.yaml' });
  assert.throws(load, /features\.select.*\n?.*model lstm reads text as a sequence/);
  assert.throws(load, /features\.reduce/);
});

it('knowledge and augmentation are checked against the columns that there are', () => {
  const base = config('{ name: linear }');
  const rule = '{ name: r, if: { column: COLUMN, contains: rug }, then: Rugs }';
  const cases = [
    { given: `knowledge: { rules: [${rule.replace('COLUMN', 'titel')}] }`, message: /looks at "titel"/ },
    {
      given: `knowledge: { rules: [${rule.replace('COLUMN', 'title')}, ${rule.replace('COLUMN', 'title')}] }`,
      message: /"r" is taken/,
    },
    { given: 'loop: { policies: [rule_agreement] }', message: /weighs by what rules say/ },
    { given: 'augment: { attributes: true }', message: /names no column/ },
  ];
  for (const { given, message } of cases)
    assert.throws(() => loadRunConfig(`${base}${given}\n`, { path: 'assay.yaml' }), message);
  const fine = loadRunConfig(`${base}knowledge: { rules: [${rule.replace('COLUMN', 'title')}] }\n`, {
    path: 'assay.yaml',
  });
  assert.equal(fine.knowledge?.check, 'report');
});

it('vectors are checked against the model and what is asked of them', () => {
  const vectors =
    (model: string, more = '') =>
    () =>
      loadRunConfig(
        `name: shop\ndataset: { source: items.parquet, columns: { target: kind, text: [title], vectors: { image: 512 } } }\nmodel: ${model}\n${more}`,
        { path: 'assay.yaml' },
      );
  assert.deepEqual(vectors('{ name: linear }')().dataset.columns.vectors, { image: 512 });
  const cases = [
    {
      run: vectors('{ name: lstm }'),
      message: /dataset\.columns\.vectors.*reads text as a sequence and takes no vectors/s,
    },
    {
      run: vectors('{ name: mlp }', 'clean: { missing: { image: impute } }\n'),
      message: /vectors are not imputed/,
    },
    {
      run: () =>
        loadRunConfig(`${config('{ name: mlp }')}features: { vectors: { scale: none } }\n`, {
          path: 'assay.yaml',
        }),
      message: /dataset\.columns\.vectors names no column/,
    },
  ];
  for (const { run, message } of cases) assert.throws(run, { name: 'ConfigError', message });
});

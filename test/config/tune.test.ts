import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { models } from '../../models/index.js';

const load = (model: string, tune: string, more = '') =>
  loadRunConfig(
    `name: shop\ndataset: { source: items.csv, columns: { target: kind, text: [title] } }\nmodel: ${model}\ntune: ${tune}\n${more}`,
    { path: 'assay.yaml' },
  );

describe('what is searched', () => {
  for (const { name } of models.filter((model) => 'search' in model)) {
    it(`${name} says itself, in values that it takes`, () => {
      const { tune } = load(`{ name: ${name} }`, '{}');
      assert.ok(Object.keys(tune!.search!).length >= 2);
    });
  }

  it('is what the file says, where it says something', () => {
    const { tune } = load(
      '{ name: mlp }',
      '{ search: { hidden: [[8], [16, 8]], dropout: { from: 0, to: 0.5 } } }',
    );
    assert.deepEqual(tune!.search, {
      hidden: [[8], [16, 8]],
      dropout: { from: 0, to: 0.5, scale: 'linear', integer: false },
    });
  });
});

describe('a search that can find nothing is refused where it stands', () => {
  const cases = [
    {
      name: 'a model without a search of its own',
      model: '{ name: linear }',
      tune: '{}',
      message: /assay\.yaml:4.*linear has nothing to search of itself \(its C is tuned by loop\.strengths\)/s,
    },
    {
      name: 'the regularisation',
      model: '{ name: mlp }',
      tune: '{ search: { C: [1, 4] } }',
      message: /tune\.search\.C.*loop\.strengths/s,
    },
    {
      name: 'a misspelt parameter',
      model: '{ name: mlp }',
      tune: '{ search: { learningRat: [0.1, 0.2] } }',
      message: /no parameter "learningRat"; did you mean "learningRate"/,
    },
    {
      name: 'a value that the model refuses',
      model: '{ name: mlp }',
      tune: '{ search: { dropout: [0.1, 1.5] } }',
      message: /takes no dropout of 1\.5/,
    },
    {
      name: 'a range of fractions for whole numbers',
      model: '{ name: mlp }',
      tune: '{ search: { batchSize: { from: 3, to: 8 } } }',
      message: /takes no batchSize of 4\.25/,
    },
    {
      name: 'an empty range',
      model: '{ name: mlp }',
      tune: '{ search: { dropout: { from: 0.5, to: 0.1 } } }',
      message: /smaller end first/,
    },
    {
      name: 'a log scale from 0',
      model: '{ name: mlp }',
      tune: '{ search: { dropout: { from: 0, to: 0.1, scale: log } } }',
      message: /begins above 0/,
    },
    {
      name: 'one value',
      model: '{ name: mlp }',
      tune: '{ search: { dropout: [0.1] } }',
      message: /tune\.search\.dropout/,
    },
    {
      name: 'a nested search without folds',
      model: '{ name: mlp }',
      tune: '{ nested: true }',
      more: 'crossValidate: { folds: 0 }\n',
      message: /crossValidate\.folds is 0/,
    },
    {
      name: 'a cost without a price',
      model: '{ name: mlp }',
      tune: '{ budget: { cost: 3 } }',
      message: /costPerHour/,
    },
  ];
  for (const { name, model, tune, more, message } of cases)
    it(name, () => assert.throws(() => load(model, tune, more), { name: 'ConfigError', message }));
});

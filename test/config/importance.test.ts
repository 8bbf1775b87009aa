import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { estimators } from '../../core/importance/index.js';

const textOf = (rest: string, columns = ''): string => `name: items
dataset:
  source: data/items.csv
  columns:
    target: category
    text: [title]
${columns}${rest}
`;

const load = (text: string) => loadRunConfig(text, { path: 'assay.yaml' });

describe('importance in assay.yaml', () => {
  it('auto is the default in one word', () => {
    assert.deepEqual(load(textOf('importance: auto')), load(textOf('')));
    assert.equal(load(textOf('importance: auto')).importance.estimator, 'pvi');
  });

  for (const { name } of estimators) {
    it(`a run with features and queries may use ${name}`, () => {
      const config = load(textOf(`importance: { estimator: ${name} }`, '    group: query\n'));
      assert.equal(config.importance.estimator, name);
    });
  }

  const refused = [
    {
      name: 'another word than auto',
      rest: 'importance: automatic',
      want: /importance: found "automatic", expected auto or a map of estimator/,
    },
    {
      name: 'a key that importance does not have',
      rest: 'importance: { estimater: pvi }',
      want: /importance\.estimater: unknown key; did you mean "estimator"\?/,
    },
    {
      name: 'a ranking estimator without queries',
      rest: 'importance: { estimator: query_pvi }',
      want: /importance\.estimator: query_pvi compares the items of a query; name its column: dataset\.columns\.group/,
    },
    {
      name: 'an estimator of features with a model of tokens',
      rest: 'model: { name: lstm }\nimportance: { estimator: tracin }',
      want: /importance\.estimator: tracin needs columns of features, and model lstm reads text as a sequence/,
    },
    {
      name: 'repeats of a score that has no folds',
      rest: 'importance: { estimator: aum, reliability: { repeats: 2 } }',
      want: /importance\.reliability\.repeats: .*aum scores without folds/,
    },
    {
      name: 'repeats of a game',
      rest: 'importance: { estimator: data_banzhaf, reliability: { repeats: 2 } }',
      want: /importance\.reliability\.repeats: .*data_banzhaf plays a game/,
    },
    {
      name: 'a share of games for an estimator that plays none',
      rest: 'importance: { estimator: pvi, minSuccess: 0.9 }',
      want: /importance\.minSuccess: is the share of games .* pvi plays none/,
    },
    {
      name: 'weights of sources without a column of sources',
      rest: 'loop: { policies: [clip, class_balanced(source_noise)] }',
      want: /loop\.policies\.1: class_balanced\(source_noise\) weighs by who gave the label; name the column: importance\.source/,
    },
  ];
  for (const { name, rest, want } of refused) {
    it(`${name} is refused`, () => assert.throws(() => load(textOf(rest)), want));
  }
});

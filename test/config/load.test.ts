import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { RunConfigError } from '../../config/issues.js';
import { checkOverrides, loadRunConfig } from '../../config/load.js';
import { registries as builtIn } from '../../config/registries.js';
import { MAX_CONFIG_BYTES } from '../../config/yamlSource.js';

const GOOD = `name: shop
dataset:
  source: data/items.csv
  columns:
    target: category
    text: [title]
`;

const registries = {
  ...builtIn,
  datasets: [{ name: 'catalogue' }, { name: 'banking77' }],
  estimators: [
    { name: 'pvi', paramsSchema: z.strictObject({ smoothing: z.number().positive().default(1) }) },
    { name: 'entropy_ig' },
  ],
};

const load = (text: string, set: readonly string[] = []) =>
  loadRunConfig(text, { path: 'assay.yaml', set, registries });

function linesOf(text: string, set: readonly string[] = []): string[] {
  try {
    load(text, set);
  } catch (error) {
    assert.ok(error instanceof RunConfigError, String(error));
    return error.message.split('\n');
  }
  return assert.fail('the config was accepted');
}

const columns = (more: string): string => GOOD.replace('    text: [title]\n', `    text: [title]\n${more}`);

const BAD: { name: string; text: string; set?: string[]; want: RegExp[] }[] = [
  {
    name: 'a misspelt key names its neighbour and hides the missing one',
    text: GOOD.replace('target:', 'targt:'),
    want: [
      /^assay\.yaml:5:5 dataset\.columns\.targt: unknown key; did you mean "target"\? allowed: id, target, text/,
    ],
  },
  {
    name: 'a number out of range',
    text: `${GOOD}loop:\n  alpha: 1.4\n`,
    want: [/^assay\.yaml:8:10 loop\.alpha: found 1\.4, expected a number > 0 and < 1$/],
  },
  {
    name: 'a word where a number belongs',
    text: `${GOOD}gate: { margin: much }\n`,
    want: [/^assay\.yaml:7:17 gate\.margin: found "much", expected a number ≥ 0$/],
  },
  {
    name: 'a fraction where a whole number belongs',
    text: `${GOOD}seed: 1.5\n`,
    want: [/^assay\.yaml:7:7 seed: found 1\.5, expected a whole number ≥ 0$/],
  },
  {
    name: 'not a number',
    text: `${GOOD}gate: { margin: .nan }\n`,
    want: [/gate\.margin: found NaN, expected a number ≥ 0$/],
  },
  {
    name: 'a choice that is not offered',
    text: GOOD.replace('source: data/items.csv', 'source: data/items.csv\n  format: jsnl'),
    want: [
      /^assay\.yaml:4:11 dataset\.format: found "jsnl", expected csv \| tsv \| jsonl \| parquet; did you mean "jsonl"\?$/,
    ],
  },
  {
    name: 'a discriminator that is not offered',
    text: GOOD.replace('  columns:', '  split: { by: tme }\n  columns:'),
    want: [
      /^assay\.yaml:4:16 dataset\.split\.by: found "tme", expected hash \| stratified \| time \| lastOfGroup \| column; did you mean "time"\?$/,
    ],
  },
  {
    name: 'a key of another branch of the union',
    text: GOOD.replace('  columns:', '  split: { by: hash, train: a }\n  columns:'),
    want: [/^assay\.yaml:4:22 dataset\.split\.train: unknown key; allowed: by, shares, groups$/],
  },
  {
    name: 'a required setting that is missing, with what it is for',
    text: 'name: shop\ndataset:\n  source: a.csv\n  columns: { text: [title] }\n',
    want: [/^assay\.yaml:4:12 dataset\.columns\.target: is missing; expected text \(what is learned\)$/],
  },
  {
    name: 'a value of no branch of a union',
    text: GOOD.replace('data/items.csv', '3'),
    want: [/^assay\.yaml:3:11 dataset\.source: found 3, expected text or a list of text, at least 1$/],
  },
  {
    name: 'a list that is too long',
    text: `${GOOD}features: { words: { ngrams: [1, 2, 3] } }\n`,
    want: [/features\.words\.ngrams: found \[1,2,3\], expected at most 2 values: a list of 2/],
  },
  {
    name: 'most frequent n-grams of hashed ones, and lengths the wrong way round',
    text: `${GOOD}features: { words: { buckets: 64, maxFeatures: 9 }, characters: { ngrams: [3, 2] } }\n`,
    want: [
      /features\.words\.maxFeatures: hashed n-grams are not counted.*features\.words\.buckets/,
      /features\.characters\.ngrams: found \[3, 2\], expected the shorter length first: \[2, 3\]/,
    ],
  },
  {
    name: 'an estimator that nobody wrote',
    text: `${GOOD}importance:\n  estimator: pvl\n`,
    want: [
      /^assay\.yaml:8:14 importance\.estimator: there is no estimator "pvl"; did you mean "pvi"\? known: pvi, entropy_ig$/,
    ],
  },
  {
    name: 'a parameter that the estimator does not take',
    text: `${GOOD}importance:\n  params: { smothing: 2 }\n`,
    want: [
      /^assay\.yaml:8:13 importance\.params\.smothing: unknown key; did you mean "smoothing"\? allowed: smoothing$/,
    ],
  },
  {
    name: 'a policy, a model, a task and a metric that nobody wrote, all at once',
    text: `${GOOD}task: clasification\nmodel: { name: liner }\nloop: { policies: [clip, rnak], metric: acuracy }\n`,
    want: [
      /task: .*"classification"/,
      /policies\.1: there is no policy "rnak"/,
      /metric "acuracy".*"accuracy"/,
      /model\.name: .*"linear"/,
    ],
  },
  {
    name: 'a built-in data set that does not exist',
    text: GOOD.replace('data/items.csv', 'builtin:catalog'),
    want: [/dataset\.source: there is no built-in data set "catalog"; did you mean "catalogue"\?/],
  },
  {
    name: 'a column with two parts',
    text: columns('    categorical: [title]\n'),
    want: [
      /^assay\.yaml:7:19 dataset\.columns\.categorical\.0: the column "title" is text already; a column plays one part$/,
    ],
  },
  {
    name: 'a group that is a text, too',
    text: columns('    group: title\n'),
    want: [/the column "title" is group already; a column plays one part/],
  },
  {
    name: 'a group that is a category, too, and is called like a column of ours',
    text: columns('    group: group\n    categorical: [group]\n'),
    want: [/categorical\.0: a feature can't be called "group"/],
  },
  {
    name: 'a feature that is called like a column of ours',
    text: columns('    numeric: [event_time]\n'),
    want: [/numeric\.0: a feature can't be called "event_time"/],
  },
  {
    name: 'nothing to learn from',
    text: GOOD.replace('    text: [title]\n', ''),
    want: [/dataset\.columns: no column to learn from/],
  },
  {
    name: 'shares that do not add up',
    text: GOOD.replace('  columns:', '  split: { by: hash, shares: [0.8, 0.15, 0.15] }\n  columns:'),
    want: [/dataset\.split\.shares: train, validation and test add up to 1\.1, expected 1$/],
  },
  {
    name: 'a split by a column that is not named',
    text: GOOD.replace('  columns:', '  split: { by: column }\n  columns:'),
    want: [/split by column needs dataset\.columns\.split/],
  },
  {
    name: 'noise planted in data of the user',
    text: GOOD.replace('  columns:', '  plantNoise: { rate: 0.2 }\n  columns:'),
    want: [/dataset\.plantNoise: noise is planted in built-in sets only/],
  },
  {
    name: 'a duplicated key',
    text: `${GOOD}name: other\n`,
    want: [/^assay\.yaml:7:1 the key "name" stands here for the second time; keep one of them$/],
  },
  { name: 'what is not YAML', text: 'name: [shop\n', want: [/^assay\.yaml:\d+:\d+ not YAML: /] },
  {
    name: 'an empty file',
    text: '',
    want: [/^assay\.yaml:1:1 expected a map of settings .* the file is empty$/],
  },
  { name: 'a list instead of a map', text: '- a\n', want: [/found something else$/] },
  {
    name: 'a file that is too large',
    text: `# ${'x'.repeat(MAX_CONFIG_BYTES)}\n${GOOD}`,
    want: [/^assay\.yaml:1:1 the file is larger than 1024 KiB/],
  },
  {
    name: 'a bomb of aliases',
    text: `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${Array(20).fill('*a').join(', ')}]\nc: [${Array(20).fill('*b').join(', ')}]\n`,
    want: [/alias/i],
  },
  {
    name: 'an override of a path that does not exist',
    text: GOOD,
    set: ['loop.maxRound=1'],
    want: [/^--set loop\.maxRound: unknown key; did you mean "maxRounds"\? allowed: policies/],
  },
  {
    name: 'an override below a single value',
    text: GOOD,
    set: ['seed.deep=1'],
    want: [/^--set seed\.deep: there is nothing below seed: it is a single value$/],
  },
  {
    name: 'an override with a bad value points at --set, not at the file',
    text: `${GOOD}loop: { alpha: 0.1 }\n`,
    set: ['loop.alpha=2'],
    want: [/^--set loop\.alpha: found 2, expected a number > 0 and < 1$/],
  },
  {
    name: 'an override without a value',
    text: GOOD,
    set: ['loop'],
    want: [/^--set found "loop", expected path=value/],
  },
  {
    name: 'an override that would reach the prototype',
    text: GOOD,
    set: ['__proto__.x=1'],
    want: [/^--set found "__proto__/],
  },
];

describe('loadRunConfig refuses', () => {
  for (const { name, text, set, want } of BAD) {
    it(name, () => {
      const lines = linesOf(text, set);
      assert.equal(lines.length, want.length, lines.join('\n'));
      for (const [index, pattern] of want.entries()) assert.match(lines[index] ?? '', pattern);
    });
  }

  it('names every mistake at once, each with its place', () => {
    const lines = linesOf(`${GOOD}seed: -1\nloop: { alpha: 7, outerFolds: 1 }\nclaen: {}\n`, [
      'gate.margin=x',
    ]);
    assert.deepEqual(lines.map((line) => line.split(' ').slice(0, 2).join(' ')).sort(), [
      '--set gate.margin:',
      'assay.yaml:7:7 seed:',
      'assay.yaml:8:16 loop.alpha:',
      'assay.yaml:8:31 loop.outerFolds:',
      'assay.yaml:9:1 claen:',
    ]);
  });
});

describe('loadRunConfig', () => {
  it('fills in what was left out', () => {
    const config = load(GOOD);
    assert.equal(config.loop.outerFolds, 3);
    assert.deepEqual(config.dataset.split, { by: 'hash', shares: [0.7, 0.15, 0.15] });
    assert.deepEqual(config.importance, {
      estimator: 'pvi',
      params: { smoothing: 1 },
      folds: 5,
      reliability: { repeats: 1 },
    });
  });

  const TYPED: { set: string; want: unknown }[] = [
    { set: 'loop.maxRounds=1', want: 1 },
    { set: 'features.words=null', want: null },
    { set: 'clean.nearDuplicates.enabled=false', want: false },
    { set: 'loop.strengths=[1, 4.5]', want: [1, 4.5] },
    { set: 'dataset.source=s3://bucket/a=b.csv', want: 's3://bucket/a=b.csv' },
    { set: 'dataset.columns.text.0=name', want: 'name' },
    { set: 'dataset.contract.price.min=0', want: 0 },
  ];
  for (const { set, want } of TYPED) {
    it(`types the override ${set} as YAML does`, () => {
      const path = set.slice(0, set.indexOf('=')).split('.');
      const got = path.reduce<unknown>(
        (value, key) => (value as Record<string, unknown>)[key],
        load(GOOD, [set]),
      );
      assert.deepEqual(got, want);
    });
  }

  it('takes a setting out by null where null means nothing there', () => {
    const noise = '  plantNoise: { rate: 0.3, kind: uniform, seed: 7 }\n';
    const planted = `${GOOD.replace('data/items.csv', 'builtin:catalogue')}${noise}`;
    assert.equal(load(planted).dataset.plantNoise?.seed, 7);
    assert.equal(load(planted, ['dataset.plantNoise=null']).dataset.plantNoise, undefined);
    assert.equal(load(GOOD, ['loop.maxRounds=null']).loop.maxRounds, load(GOOD).loop.maxRounds);
    assert.match(linesOf(GOOD, ['dataset.columns.target=null'])[0] ?? '', /target: is missing/);
    assert.match(linesOf(GOOD, ['dataset.columns.text.0=null'])[0] ?? '', /found null, expected text/);
  });

  it('takes a policy around a policy', () => {
    assert.deepEqual(load(GOOD, ['loop.policies=[class_balanced(rank)]']).loop.policies, [
      'class_balanced(rank)',
    ]);
    assert.match(linesOf(GOOD, ['loop.policies=[class_balanced(rnk)]'])[0] ?? '', /there is no policy "rnk"/);
  });

  it('reads a value under YAML 1.2: "no" is text', () => {
    assert.equal(load(GOOD.replace('target: category', 'target: no')).dataset.columns.target, 'no');
  });
});

describe('checkOverrides', () => {
  it('takes settings without a file', () => {
    const { overrides, issues } = checkOverrides(['clean.minTextLength=3']);
    assert.deepEqual(overrides, [{ path: ['clean', 'minTextLength'], value: 3 }]);
    assert.deepEqual(issues, []);
  });

  it('refuses paths and values that no config could have, and says nothing of what was not set', () => {
    const { issues } = checkOverrides(['clean.minTextLenght=3', 'loop.alpha=7', 'x']);
    assert.deepEqual(
      issues.map(({ path, message }) => `${path}: ${message.slice(0, 24)}`),
      [
        ': found "x", expected path',
        'clean.minTextLenght: unknown key; did you mea',
        'loop.alpha: found 7, expected a numb',
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';

const load = (task: string, rest = '') =>
  loadRunConfig(
    `name: clicks
task: ${task}
dataset:
  source: log.csv
  columns: { target: click, group: user, numeric: [place], categorical: [item] }
${rest}`,
    { path: 'clicks.yaml' },
  );

describe('a run over clicks', () => {
  it('hunts no duplicates, weighs nobody, and has no estimator of surprise, unless it is told', () => {
    const { clean, loop, importance } = load('ctr');
    assert.deepEqual([clean.exactDuplicates, clean.nearDuplicates.enabled], ['keep', false]);
    assert.deepEqual([loop.policies, loop.maxRounds, importance.estimator], [[], 0, 'uniform']);
  });

  it('tries trust in whole sources where it is told of them', () => {
    const { loop } = load('ctr', 'importance: { source: session }\n');
    assert.deepEqual([loop.policies, loop.maxRounds], [['source_trust'], 3]);
  });

  it('keeps what is said', () => {
    const { clean } = load('ctr', 'clean: { exactDuplicates: drop }\n');
    assert.equal(clean.exactDuplicates, 'drop');
  });

  const refused = [
    {
      rest: 'loop: { policies: [clip] }\n',
      want: /loop\.policies\.0: clip is refused for the task ctr: .*source_trust/,
    },
    { rest: 'loop: { policies: [class_balanced(clip)] }\n', want: /class_balanced\(clip\) is refused/ },
    {
      rest: 'importance: { estimator: pvi }\n',
      want: /importance\.estimator: pvi is refused for the task ctr/,
    },
    {
      rest: 'importance: { refinements: 1 }\n',
      want: /importance\.refinements: expected 0 for the task ctr/,
    },
    { rest: 'loop: { policies: [source_trust] }\n', want: /source_trust weighs by who gave the label/ },
  ];
  for (const { rest, want } of refused) {
    it(`refuses ${rest.trim()}, and says what helps`, () => assert.throws(() => load('ctr', rest), want));
  }

  it('refuses a share of negatives that is none', () => {
    assert.throws(() => load('{ name: ctr, negatives: 0 }'), /task\.negatives/);
  });
});

it('a recommendation is refused the weights that clicks are refused', () => {
  assert.throws(
    () => load('recommendation', 'loop: { policies: [noise_posterior] }\n'),
    /refused for the task recommendation/,
  );
});

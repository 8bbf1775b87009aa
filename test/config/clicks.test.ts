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

  const log = 'columns: { target: click, group: user, numeric: [place], categorical: [item]';
  const logged = (rest: string, task = 'ctr') =>
    loadRunConfig(
      `name: clicks\ntask: ${task}\ndataset: { source: log.csv, ${log}, propensity: p } }\n${rest}`,
      {
        path: 'clicks.yaml',
      },
    );

  it('may ask what another policy would have earned, and bound the calibration', () => {
    const { analyse, gate } = logged(
      'analyse: { counterfactual: { target: 0.1 } }\ngate: { calibrationRatio: [0.95, 1.05] }\n',
    );
    assert.deepEqual(analyse.counterfactual, { target: 0.1, limit: 10 });
    assert.deepEqual(gate.calibrationRatio, [0.95, 1.05]);
  });

  const misplaced = [
    {
      rest: 'analyse: { counterfactual: { target: 0.1 } }\n',
      want: /analyse\.counterfactual: needs the chance that each row was logged/,
    },
    {
      rest: 'gate: { calibrationRatio: [1.1, 0.9] }\n',
      want: /gate\.calibrationRatio: found \[1\.1, 0\.9\], expected the lower bound first/,
    },
  ];
  for (const { rest, want } of misplaced)
    it(`refuses ${rest.trim()}`, () => assert.throws(() => load('ctr', rest), want));

  it('refuses both for a task that knows no outcome and predicts no rate', () => {
    const asked = 'analyse: { counterfactual: { target: 0.1 } }\ngate: { calibrationRatio: [0.9, 1.1] }\n';
    assert.throws(
      () => logged(asked, 'classification'),
      /the task classification doesn't know; leave it out/,
    );
    assert.throws(() => logged(asked, 'classification'), /predicts no rate; take gate\.maxCalibrationError/);
    assert.throws(
      () => logged('gate: { calibrationRatio: [0.9, 1.1] }\n', 'recommendation'),
      /predicts no rate/,
    );
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

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronMistake } from '../../config/cron.js';
import { loadRunConfig } from '../../config/load.js';
import { durationMs } from '../../contracts/duration.js';

const yaml = (schedule: string): string =>
  `name: shop\ndataset: { source: a.csv, columns: { target: y, text: [t] } }\nschedule: ${schedule}\n`;
const load = (schedule: string) => loadRunConfig(yaml(schedule), { path: 'assay.yaml' }).schedule;

describe('the schedule of assay.yaml', () => {
  it('has defaults that never pile up runs', () => {
    assert.deepEqual(load('{ cron: "0 3 * * *" }'), {
      ...{ does: 'run', cron: '0 3 * * *', timezone: 'UTC', overlap: 'skip' },
      ...{ catchUpWindow: '1h', pauseOnFailure: false },
    });
  });

  it('may let the champion adapt to new rows, by a rule', () => {
    const found = load('{ every: 6h, does: adapt, data: "new/*.csv", rule: { minGain: 0.01 } }');
    assert.deepEqual([found?.does, found?.data], ['adapt', 'new/*.csv']);
    assert.deepEqual(found?.rule, { minShift: 0.1, minDrop: 0.02, minGain: 0.01, replayRatio: 1 });
  });

  it('lets nothing adapt that can not', () => {
    const adapting = (more: string) =>
      loadRunConfig(`${yaml('{ every: 6h, does: adapt, data: new.csv }')}${more}`, { path: 'assay.yaml' });
    assert.throws(
      () => adapting('model: { name: mlp }\n'),
      /schedule\.does: model mlp can't go on from an earlier fit/,
    );
    assert.throws(
      () => adapting('task: ctr\n'),
      /schedule\.does: only classification adapts, and the task is ctr; take run/,
    );
  });

  it('is left out where there is none', () => {
    const config = loadRunConfig(yaml('').replace(/schedule.*/, ''), { path: 'assay.yaml' });
    assert.equal(config.schedule, undefined);
  });

  const refused: [string, string, RegExp][] = [
    [
      'neither cron nor every',
      '{ timezone: UTC }',
      /3:1 schedule: expected one of cron and every, found neither/,
    ],
    ['both', '{ cron: "0 3 * * *", every: 6h }', /found both/],
    [
      'an hour that no day has',
      '{ cron: "0 25 * * *" }',
      /schedule\.cron: hour: found "25", expected 0 to 23/,
    ],
    ['four fields', '{ cron: "0 3 * *" }', /found 4 fields in "0 3 \* \*", expected minute, hour/],
    ['one of several', '{ cron: ["0 3 * * *", "@nightly"] }', /found "@nightly", expected @yearly/],
    [
      'an unknown timezone',
      '{ every: 1h, timezone: Mars/Olympus }',
      /found "Mars\/Olympus", expected a name such/,
    ],
    ['a time without unit', '{ every: "90" }', /found "90", expected a time such as 90s, 15m, 6h or 7d/],
    ['starts every second', '{ every: 1s }', /found "1s", expected 1m or more/],
    ['jitter beyond the interval', '{ every: 1h, jitter: 2h }', /expected less than schedule\.every = 1h/],
    ['a policy that races', '{ every: 1h, overlap: allowAll }', /found "allowAll", expected/],
    ['adapting to nothing', '{ every: 6h, does: adapt }', /schedule\.does: adapt needs schedule\.data/],
    [
      'adapting to a built-in set',
      '{ every: 6h, does: adapt, data: "builtin:tiny" }',
      /expected files of yours/,
    ],
    ['rows for a run', '{ every: 6h, data: new.csv }', /schedule\.data: is for schedule\.does: adapt/],
    ['a rule for a run', '{ every: 6h, rule: {} }', /schedule\.rule: is for schedule\.does: adapt/],
    ['a misspelt key', '{ evry: 1h }', /did you mean "every"/],
  ];
  for (const [name, schedule, words] of refused) {
    it(`refuses ${name}, with what is allowed`, () => assert.throws(() => load(schedule), words));
  }
});

describe('a cron expression', () => {
  const good = ['* * * * *', '*/15 6-22 * * MON-FRI', '0 0 1,15 JAN-JUN/2 *', '5 4 * * sun', '@daily'];
  for (const text of good) it(`may be ${text}`, () => assert.equal(cronMistake(text), undefined));

  const bad: [string, RegExp][] = [
    ['60 * * * *', /^minute: found "60", expected 0 to 59/],
    ['* * 0 * *', /^day of month: found "0"/],
    ['* * * 13 *', /^month: found "13", expected 1 to 12 or JAN to DEC/],
    ['* * * * MO', /^day of week: found "MO", expected 0 to 6 or SUN to SAT/],
    ['5-1 * * * *', /^minute: found "5-1"/],
    ['*/0 * * * *', /^minute: found "\*\/0"/],
    ['1-2-3 * * * *', /^minute: found "1-2-3"/],
    ['- * * * *', /^minute: found "-"/],
  ];
  for (const [text, words] of bad)
    it(`may not be ${text}`, () => assert.match(cronMistake(text) ?? '', words));
});

describe('a time', () => {
  const cases: [string, number][] = [
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
  ];
  for (const [text, want] of cases) it(`${text} is ${want} ms`, () => assert.equal(durationMs(text), want));
  it('without a unit is refused', () => assert.throws(() => durationMs('90'), RangeError));
});

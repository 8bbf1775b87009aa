import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GateConfig } from '../../../contracts/gateSettings.js';
import type { z } from 'zod';
import { decideGate, type GateInput } from '../../../core/gate/gate.js';

const N = 1000;
const rows = (keep: (row: number) => boolean): Int32Array =>
  Int32Array.from({ length: N }, (_, i) => i).filter(keep);
/** Right but for the rows that `isWrong` names. */
const right = (isWrong: (row: number) => boolean): Float64Array =>
  Float64Array.from({ length: N }, (_, row) => (isWrong(row) ? 0 : 1));
const champion = right((row) => row % 10 === 0); // 90%
const rugs = { name: 'category = Rugs', rows: rows((row) => row < 250) };
const lamps = { name: 'category = Lamps', rows: rows((row) => row >= 950) };

const decide = (changes: Partial<GateInput>, config: z.input<typeof GateConfig> = {}) =>
  decideGate({
    ...{ champion, challenger: champion, groups: rows(() => true), slices: [rugs, lamps] },
    ...{ calibrationError: 0.03, effectiveSampleSize: 0.8, openings: 1, seed: 1, metric: 'accuracy' },
    config: GateConfig.parse(config),
    ...changes,
  });

interface Case {
  readonly name: string;
  readonly input?: Partial<GateInput>;
  readonly config?: z.input<typeof GateConfig>;
  readonly check: string;
  readonly metric: string;
  readonly slice: string;
  readonly threshold: number;
  /** Where the interval must lie; null: a fact, which has none. */
  readonly interval: { readonly above: number; readonly below: number } | null;
  readonly says: RegExp;
}

const refusals: readonly Case[] = [
  {
    name: 'a model that may be worse than the margin',
    input: { challenger: right((row) => row % 8 === 0) }, // 87.5%
    check: 'accuracy not inferior',
    ...{ metric: 'accuracy', slice: 'all test rows', threshold: -0.01 },
    interval: { above: -0.06, below: 0.01 },
    says: /accuracy not inferior: found −2\.50 points \(lower bound −.*allowed a lower bound above −1\.00 points/,
  },
  {
    name: 'a model that is not better where better is asked for',
    config: { require: 'better' },
    check: 'better accuracy',
    ...{ metric: 'accuracy', slice: 'all test rows', threshold: 0 },
    interval: { above: -0.001, below: 0.001 },
    says: /better accuracy: found \+0\.00 points .*allowed a lower bound above \+0\.00 points/,
  },
  {
    name: 'a model that buys its gain with a slice',
    input: { challenger: right((row) => row < 250 && row % 5 === 0) }, // 80% instead of 90% in rugs
    check: 'slices',
    ...{ metric: 'accuracy', slice: 'category = Rugs', threshold: -0.02 },
    interval: { above: -0.16, below: -0.05 },
    says: /slices: found accuracy of category = Rugs: −10\.00 points \(95%: −1\d\.\d\d to −\d\.\d\d; 250 rows, p = .*more than 2\.00 points/,
  },
  {
    name: 'a model below the least value of a slice',
    config: { slices: { 'category = Rugs': { minimum: 0.95 } } },
    check: 'accuracy of category = Rugs',
    ...{ metric: 'accuracy', slice: 'category = Rugs', threshold: 0.95 },
    interval: { above: 0.84, below: 0.95 },
    says: /accuracy of category = Rugs: found 0\.900 \(95%: 0\.8.* to 0\.9.*; 250 rows\), allowed at least 0\.95/,
  },
  {
    name: 'a model that loses more than its own threshold in a small slice that was named',
    input: { challenger: champion.map((merit, row) => (row >= 950 && row % 5 === 1 ? 0 : merit)) }, // −20 points
    config: { margin: 0.05, slices: { 'category = Lamps': { maxLoss: 0.1, minSupport: 50 } } },
    check: 'slices',
    ...{ metric: 'accuracy', slice: 'category = Lamps', threshold: -0.1 },
    interval: { above: -0.36, below: -0.05 },
    says: /accuracy of category = Lamps: −20\.00 points \(95%/,
  },
  {
    name: 'probabilities that can not be trusted',
    input: { calibrationError: { value: 0.2, low: 0.17, high: 0.23 } },
    config: { maxCalibrationError: 0.1 },
    check: 'calibration error',
    ...{ metric: 'ece', slice: 'all test rows', threshold: 0.1 },
    interval: { above: 0.16, below: 0.24 },
    says: /calibration error: found 0\.200 \(95%: 0\.170 to 0\.230\), allowed at most 0\.1/,
  },
  {
    name: 'clicks that are predicted too often',
    input: { calibrationRatio: { value: 1.2, low: 1.1, high: 1.3 } },
    config: { calibrationRatio: [0.95, 1.05] },
    check: 'calibration ratio',
    ...{ metric: 'calibration_ratio', slice: 'all test rows', threshold: 1.05 },
    interval: { above: 1.09, below: 1.31 },
    says: /calibration ratio: found 1\.200 \(95%: 1\.100 to 1\.300\), allowed 0\.95 to 1\.05/,
  },
  {
    name: 'clicks that are predicted too seldom',
    input: { calibrationRatio: { value: 0.9, low: 0.8, high: 0.97 } },
    config: { calibrationRatio: [0.95, 1.05] },
    check: 'calibration ratio',
    ...{ metric: 'calibration_ratio', slice: 'all test rows', threshold: 0.95 },
    interval: { above: 0.79, below: 0.98 },
    says: /calibration ratio: found 0\.900 .*allowed 0\.95 to 1\.05/,
  },
  {
    name: 'queries of a slice that are ranked worse',
    input: {
      ...{ metric: 'ndcg@10', units: 'groups' },
      slices: [{ name: 'query length ≤ 2 words', rows: rows((row) => row < 250) }],
      challenger: champion.map((ndcg, query) => (query < 250 ? ndcg - 0.1 * (query % 3) : ndcg + 0.1)),
    },
    check: 'slices',
    ...{ metric: 'ndcg@10', slice: 'query length ≤ 2 words', threshold: -0.02 },
    interval: { above: -0.12, below: -0.08 },
    says: /ndcg@10 of query length ≤ 2 words: −9\.9\d points \(95%: .*; 250 groups, p = .*allowed no slice of at least 200 groups/,
  },
  {
    name: 'short queries below a least NDCG of their own',
    input: {
      ...{ metric: 'ndcg@10', units: 'groups' },
      slices: [{ name: 'query length ≤ 2 words', rows: rows((row) => row < 250) }],
    },
    config: { slices: { 'query length ≤ 2 words': { minimum: 0.95 } } },
    check: 'ndcg@10 of query length ≤ 2 words',
    ...{ metric: 'ndcg@10', slice: 'query length ≤ 2 words', threshold: 0.95 },
    interval: { above: 0.84, below: 0.95 },
    says: /ndcg@10 of query length ≤ 2 words: found 0\.900 \(95%.*; 250 groups\), allowed at least 0\.95/,
  },
  {
    name: 'weights that leave too few samples',
    input: { effectiveSampleSize: 0.1 },
    check: 'effective sample size',
    ...{ metric: 'effective sample size', slice: 'training rows', threshold: 0.2 },
    interval: null,
    says: /effective sample size: found 0\.100, allowed at least 0\.2/,
  },
  {
    name: 'a threshold of a slice that is not there, with the nearest name',
    config: { slices: { 'category = Rug': { minimum: 0.5 } } },
    check: 'accuracy of category = Rug',
    ...{ metric: 'accuracy', slice: 'category = Rug', threshold: 0.5 },
    interval: null,
    says: /no test row in this slice; did you mean "category = Rugs"\?/,
  },
  {
    name: 'a comparison on hardly any rows',
    input: {
      ...{ champion: champion.slice(0, 20), challenger: champion.slice(0, 20), slices: [] },
      groups: rows((row) => row < 20),
    },
    check: 'rows to compare on',
    ...{ metric: 'rows', slice: 'all test rows', threshold: 30 },
    interval: null,
    says: /rows to compare on: found 20, allowed at least 30/,
  },
];

describe('the gate refuses, and says why', () => {
  for (const { name, input = {}, config = {}, interval, ...want } of refusals) {
    it(name, () => {
      const { promoted, checks, reason } = decide(input, config);
      assert.equal(promoted, false);
      const failed = checks.filter(({ passed }) => !passed);
      assert.deepEqual(
        failed.map((check) => check.name),
        [want.check],
      );
      const { metric, slice, threshold } = failed[0]!;
      assert.deepEqual(
        { metric, slice, threshold },
        { metric: want.metric, slice: want.slice, threshold: want.threshold },
      );
      if (interval === null) assert.equal(failed[0]!.interval, undefined);
      else {
        const { low, high } = failed[0]!.interval!;
        assert.ok(low > interval.above && high < interval.below && low <= high, `${low} to ${high}`);
      }
      assert.match(reason, want.says);
    });
  }

  it('for several reasons at once, all of them told', () => {
    const { reason } = decide(
      { effectiveSampleSize: 0.1, calibrationError: 0.5 },
      { maxCalibrationError: 0.1 },
    );
    assert.match(reason, /calibration error: .*; effective sample size: /);
  });

  it('but not a slice that loses what it may lose', () => {
    const challenger = right((row) => row < 250 && row % 5 === 0);
    const config = { slices: { 'category = Rugs': { maxLoss: 0.15 } } };
    assert.equal(decide({ challenger }, config).promoted, true);
  });

  it('and not a calibration within its bounds; one that nobody measured does not pass', () => {
    const config = { calibrationRatio: [0.95, 1.05] as [number, number] };
    const within = { calibrationRatio: { value: 1.04, low: 0.98, high: 1.1 } };
    assert.equal(decide(within, config).promoted, true);
    assert.equal(
      decide({ calibrationRatio: { ...within.calibrationRatio, value: NaN } }, config).promoted,
      false,
    );
    assert.match(decide({}, config).reason, /calibration ratio: found not measured, allowed 0\.95 to 1\.05/);
    assert.equal(
      decide(within).checks.some(({ name }) => name === 'calibration ratio'),
      false,
    );
  });

  it('and not a slice that reaches its minimum, on the first model of a name too', () => {
    const config = { slices: { 'category = Rugs': { minimum: 0.9 } } };
    assert.equal(decide({ champion: null }, config).promoted, true);
    assert.equal(
      decide({ champion: null }, { slices: { 'category = Rugs': { minimum: 0.91 } } }).promoted,
      false,
    );
  });
});

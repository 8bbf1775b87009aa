import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Shift, SliceShift } from '../../../contracts/drift.js';
import { runArm } from '../../../bench/drift/arms.js';
import { DRIFTS, makeStream } from '../../../bench/drift/stream.js';
import { decideByTrial, suspect } from '../../../core/adapt/decide.js';
import { replaySample, worthToday } from '../../../core/adapt/replay.js';
import { numericShift } from '../../../core/drift/profile.js';
import { seeded } from '../../../core/random.js';

const rule = { minShift: 0.1, minDrop: 0.02, minGain: 0.01 };
/** n rows of which the first are right. */
const right = (n: number, share: number): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => Number(i < share * n));

describe('a suspicion', () => {
  const number = { name: 'price', kind: 'numeric' } as const;
  const spread = (from: number): Float64Array =>
    Float64Array.from({ length: 500 }, (_, i) => (i % 100) + from);
  const slice = (from: number, to: number, rows: number): SliceShift => ({
    ...{ slice: `shop = ${from}`, reference: { rows, accuracy: from }, current: { rows, accuracy: to } },
    change: to - from,
  });
  const cases: readonly {
    readonly name: string;
    readonly shifts: readonly Shift[];
    readonly slices?: readonly SliceShift[];
    readonly now: Uint8Array;
    readonly want: boolean;
    readonly reason: RegExp;
  }[] = [
    {
      name: 'is none where nothing changed',
      shifts: [],
      now: right(400, 0.9),
      want: false,
      reason: /accuracy 0\.900 on 400 new rows \(was 0\.900\)/,
    },
    {
      name: 'comes of a drop of accuracy',
      shifts: [],
      now: right(400, 0.8),
      want: true,
      reason: /fell from 0\.900 to 0\.800/,
    },
    {
      name: 'does not come of a drop that may be chance',
      shifts: [],
      now: right(20, 0.85),
      want: false,
      reason: /0\.850/,
    },
    {
      name: 'comes of a shift alone',
      shifts: [numericShift(number, spread(0), spread(50))],
      now: right(400, 0.9),
      want: true,
      reason: /price shifted, PSI/,
    },
    {
      name: 'does not come of a shift that may be chance',
      shifts: [numericShift(number, spread(0), spread(1))],
      now: right(400, 0.9),
      want: false,
      reason: /widest shift is price/,
    },
    {
      name: 'comes of a slice that is answered worse, though most are not',
      shifts: [],
      slices: [slice(0.95, 0.7, 60), slice(0.9, 0.9, 300)],
      now: right(400, 0.9),
      want: true,
      reason: /^accuracy of shop = 0\.95 fell from 0\.950 to 0\.700 on 60 new rows$/,
    },
    {
      name: 'does not come of a slice whose drop may be chance',
      shifts: [],
      slices: [slice(0.9, 0.8, 60)], // z = 1.53
      now: right(400, 0.9),
      want: false,
      reason: /accuracy 0\.900/,
    },
    {
      name: 'does not come of one slice in fifty that dropped as one in fifty does',
      shifts: [],
      slices: [slice(0.9, 0.75, 80), ...Array.from({ length: 49 }, () => slice(0.9, 0.9, 80))], // z = 2.5
      now: right(400, 0.9),
      want: false,
      reason: /accuracy 0\.900/,
    },
    {
      name: 'comes of the same drop where there is no other slice',
      shifts: [],
      slices: [slice(0.9, 0.75, 80)],
      now: right(400, 0.9),
      want: true,
      reason: /shop = 0\.9 fell from 0\.900 to 0\.750/,
    },
    {
      name: 'does not come of a loss that is certain and small',
      shifts: [],
      slices: [slice(0.9, 0.885, 100_000)],
      now: right(400, 0.9),
      want: false,
      reason: /accuracy 0\.900/,
    },
  ];
  for (const { name, shifts, slices = [], now, want, reason } of cases) {
    it(name, () => {
      const found = suspect({ shifts, slices, before: 0.9, now }, rule);
      assert.equal(found.isChanged, want);
      assert.match(found.reason, reason);
    });
  }
});

describe('a trial', () => {
  const cases = [
    {
      name: 'that wins clearly is worth it',
      champion: right(300, 0.6),
      challenger: right(300, 0.8),
      want: true,
      reason: /expected gain 0\.200 .*: worth it/,
    },
    {
      name: 'that wins by less than is asked is not',
      champion: right(1000, 0.6),
      challenger: right(1000, 0.605),
      want: false,
      reason: /below 0\.010/,
    },
    {
      name: 'that may have won by chance is not',
      champion: right(40, 0.6),
      challenger: right(40, 0.625),
      want: false,
      reason: /may be chance/,
    },
    {
      name: 'that loses is not',
      champion: right(300, 0.8),
      challenger: right(300, 0.6),
      want: false,
      reason: /expected gain -0\.200/,
    },
  ];
  for (const { name, champion, challenger, want, reason } of cases) {
    it(name, () => {
      const { retrains, reason: told } = decideByTrial({ champion, challenger }, rule, 1);
      assert.equal(retrains, want);
      assert.match(told, reason);
    });
  }
});

describe('a replay', () => {
  const weights = Float64Array.of(0, 1, 1, 0, 8, 1, 1, 0.001);
  const targets = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1);
  it('never takes rows of weight 0, and a row of every other class at least', () => {
    for (let seed = 0; seed < 50; seed++) {
      const taken = replaySample(weights, targets, 3, seeded(seed));
      assert.equal(taken.length, 3);
      assert.ok(taken.every((row) => weights[row]! > 0));
      assert.ok(taken.includes(7));
      assert.deepEqual(
        [...taken],
        [...taken].sort((a, b) => a - b),
      );
    }
  });
  it('takes weightier rows oftener: 8 in 12 of the first draws', () => {
    let taken = 0;
    for (let seed = 0; seed < 2000; seed++)
      taken += Number(replaySample(weights.slice(0, 7), targets.slice(0, 7), 1, seeded(seed))[0] === 4);
    assert.ok(Math.abs(taken / 2000 - 8 / 12) < 0.035, String(taken / 2000));
  });
  it('takes all there is where more is asked for', () => {
    assert.deepEqual([...replaySample(weights, targets, 99, seeded(1))], [1, 2, 4, 5, 6, 7]);
    assert.equal(replaySample(weights, targets, 0, seeded(1)).length, 0);
  });
  it('is worth log2 of how much likelier a label is than its share, and nothing where it is less likely', () => {
    const logits = Float64Array.of(Math.log(3), 0, Math.log(3), 0, 0, 0); // 3 : 1, 3 : 1, even
    const worth = worthToday(logits, Int32Array.of(0, 1, 0), Float64Array.of(0.5, 0.5));
    assert.ok(Math.abs(worth[0]! - Math.log2(0.75 / 0.5)) < 1e-12);
    assert.deepEqual([...worth.slice(1)], [0, 0]);
  });
});

describe('on simulated streams', () => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const drift of DRIFTS) {
    it(`of ${drift} drift`, async () => {
      const stream = makeStream({ drift, batches: 12, rows: 200, seed: 5 });
      const [never, adapt, scratch] = [
        await runArm('never', stream, 1),
        await runArm('adapt', stream, 1),
        await runArm('scratch', stream, 1),
      ];
      assert.ok(adapt.cost < scratch.cost, `cost ${adapt.cost} of ${scratch.cost}`);
      const gain = mean(adapt.accuracies) - mean(never.accuracies);
      if (drift === 'none') assert.ok(gain > -0.01, `gain ${gain}`);
      else assert.ok(gain > 0.05 && adapt.updates > 0, `gain ${gain}, ${adapt.updates} updates`);
    });
  }

  it('gives the same results for the same seed', async () => {
    const stream = () => makeStream({ drift: 'sudden', batches: 6, rows: 100, seed: 2 });
    assert.deepEqual(await runArm('adapt', stream(), 1), await runArm('adapt', stream(), 1));
  });
});

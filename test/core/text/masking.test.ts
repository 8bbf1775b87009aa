import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { seeded } from '../../../core/random.js';
import { askedOf, maskTokens, type MaskingSettings } from '../../../core/text/masking.js';

const MASK = 4;
const fixed = new Set([0, 2, 3]); // [PAD], [CLS], [SEP]
const ordinary = Int32Array.from({ length: 20 }, (_, i) => 5 + i);
const settings: MaskingSettings = { share: 0.15, mask: MASK, fixed, ordinary };
const LENGTH = 24;

/** Rows of [CLS], so many tokens, [SEP], padding. */
const rowsOf = (counts: readonly number[]): Int32Array =>
  Int32Array.from(
    counts.flatMap((count) =>
      Array.from({ length: LENGTH }, (_, i) =>
        i === 0 ? 2 : i <= count ? 5 + ((i * 7) % 20) : i === count + 1 ? 3 : 0,
      ),
    ),
  );

it('asks each row for its share of tokens, at least one, and changes no other', () => {
  const counts = fc.array(fc.integer({ min: 0, max: LENGTH - 2 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(counts, fc.nat(), (lengths, seed) => {
      const tokens = rowsOf(lengths);
      const masked = maskTokens(tokens, LENGTH, settings, seeded(seed).next);
      const asked = new Set<number>();
      lengths.forEach((count, row) => {
        const want = askedOf(count, settings.share);
        assert.equal(want, count === 0 ? 0 : Math.max(1, Math.round(count * 0.15)));
        for (let i = 0; i < masked.asked; i++) {
          const at = row * masked.asked + i;
          assert.equal(masked.present[at], Number(i < want));
          if (i >= want) continue;
          const place = row * LENGTH + masked.positions[at]!;
          assert.ok(!asked.has(place), 'asked for twice');
          asked.add(place);
          assert.equal(masked.labels[at], tokens[place]);
          assert.ok(!fixed.has(tokens[place]!), 'a token that stands for no text');
        }
      });
      tokens.forEach((token, i) => assert.ok(asked.has(i) || masked.tokens[i] === token));
    }),
  );
});

it('masks 80 percent of what it asks for, replaces 10, and leaves 10', () => {
  const tokens = rowsOf(new Array<number>(3000).fill(20));
  const {
    tokens: hidden,
    positions,
    labels,
    present,
    asked,
  } = maskTokens(tokens, LENGTH, settings, seeded(3).next);
  let [all, masked, same] = [0, 0, 0];
  positions.forEach((position, i) => {
    if (present[i] === 0) return;
    const now = hidden[Math.floor(i / asked) * LENGTH + position];
    all += 1;
    masked += Number(now === MASK);
    same += Number(now === labels[i]);
  });
  assert.equal(all, 9000);
  const near = (share: number, want: number): boolean => Math.abs(share - want) < 0.02;
  assert.ok(near(masked / all, 0.8), `${masked / all} masked`);
  assert.ok(near(same / all, 0.1 + 0.1 / 20), `${same / all} left`); // some are replaced by themselves
});

it('is the same for the same draws, and another for others', () => {
  const tokens = rowsOf([20, 10]);
  const masked = (seed: number) => maskTokens(tokens, LENGTH, settings, seeded(seed).next);
  assert.deepEqual(masked(1), masked(1));
  assert.notDeepEqual(masked(1).positions, masked(2).positions);
});

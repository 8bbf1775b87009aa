import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { fingerprint } from '../../workflows/fingerprint.js';

it('gives equal texts equal fingerprints of 32 digits', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.match(fingerprint(text), /^[0-9a-f]{32}$/);
      assert.equal(fingerprint(`${text}`), fingerprint(text));
    }),
  );
});

it('tells requests apart that differ in one place, at any length', () => {
  const base = JSON.stringify({ seed: 1, params: { C: 0.25, policy: 'clip' }, inputs: 'a'.repeat(64) });
  const texts = Array.from(base, (_, i) => `${base.slice(0, i)}~${base.slice(i + 1)}`);
  const all = [...texts, base, `${base} `, base.slice(1), ''].map(fingerprint);
  assert.equal(new Set(all).size, all.length);
});

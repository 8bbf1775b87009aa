import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ORDERS, type RelabelCell } from '../../bench/relabel/cell.js';
import { relabelMarkdown } from '../../bench/relabel/table.js';

it('the share recovered is measured from noisy to clean, everything tuned alike', () => {
  const curve = [0.82, 0.85, 0.87, 0.9].map((accuracy, at) => ({ accuracy, fixed: 0.2 * (at + 1) }));
  const cell: RelabelCell = {
    ...{ set: 'toy', rate: 0.2, seed: 42, fixed: 0.7, noisy: 0.8, clean: 0.9, seconds: 1 },
    orders: Object.fromEntries(ORDERS.map((order) => [order, curve])),
  };
  const text = relabelMarkdown([cell]);
  // (.82 − .80) / (.90 − .80), .05/.10, .07/.10, .10/.10
  assert.match(text, /\| toy \| random \| 0\.20 \| 0\.50 \| 0\.70 \| 1\.00 \|/);
  assert.match(text, /\| toy \| 1 \| 70\.00 \| 80\.00 \| 90\.00 \|/);
  assert.match(text, /\| toy \| oracle \| 0\.20 \| 0\.40 \| 0\.60 \| 0\.80 \|/);
});

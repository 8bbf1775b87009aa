import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeCatalogue, synthetic } from '../../datasets/synthetic.js';
import { inventedName, NAMES, shelves } from '../../datasets/catalogueWords.js';

const { header, rows, damaged } = makeCatalogue(3000, 42);
const column = (name: string): (string | null)[] => rows.map((cells) => cells[header.indexOf(name)] ?? null);

describe('the made-up catalogue', () => {
  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(makeCatalogue(200, 7), makeCatalogue(200, 7));
    assert.notDeepEqual(makeCatalogue(200, 7), makeCatalogue(200, 8));
  });

  it('has the rows it was asked for, with distinct ids', () => {
    assert.equal(rows.length, 3000);
    assert.equal(new Set(column('id')).size, 3000);
  });

  it('has a tail: every category is there, the rarest at most a fifth of the most frequent', () => {
    const counts = shelves.map(
      ({ name }) => column('category').filter((category) => category === name).length,
    );
    assert.ok(counts.every((count) => count > 0));
    assert.ok(Math.min(...counts) * 5 < Math.max(...counts));
    assert.ok(Math.abs(shelves.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
  });

  it('keeps all listings of a product on one side, in about the shares 70/15/15', () => {
    const sides = new Map<string | null, Set<string | null>>();
    const split = column('split');
    column('product').forEach((product, i) =>
      sides.set(product, (sides.get(product) ?? new Set()).add(split[i]!)),
    );
    assert.ok([...sides.values()].every((set) => set.size === 1));
    const share = split.filter((side) => side === 'train').length / rows.length;
    assert.ok(share > 0.65 && share < 0.75, String(share));
  });

  it('has what real tables have', () => {
    const listings = rows.map((cells) => cells.slice(2).join('|'));
    const prices = column('price');
    const counts = {
      copies: listings.length - new Set(listings).size,
      relisted: rows.length - new Set(column('product')).size,
      missingPrices: prices.filter((price) => price === null).length,
      missingTargets: column('category').filter((category) => category === null).length,
      absurdPrices: prices.filter((price) => Number(price) > 20_000).length,
      spam: column('title').filter((title) => /^(TEST|SPAM)/.test(title!)).length,
      foreign: column('title').filter((title) => /[\p{Script=Han}\p{Script=Cyrillic}]/u.test(title!)).length,
      damaged: damaged!.length,
    };
    for (const [what, count] of Object.entries(counts))
      assert.ok(count > 0, `${what}: ${JSON.stringify(counts)}`);
  });

  it('plants a fifth of wrong labels by default', () => assert.equal(synthetic.noise!.rate, 0.2));

  it('invents a different name for every number', () => {
    const names = new Set(Array.from({ length: NAMES }, (_, i) => inventedName(i)));
    assert.equal(names.size, NAMES);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fact } from '../../../contracts/knowledge.js';
import { knowledgeGraph } from '../../../core/knowledge/graph.js';
import { summariseVotes, votesOf } from '../../../core/knowledge/votes.js';

const facts: Fact[] = [
  ['Sneakers', 'is_a', 'Shoes'],
  ['Boots', 'is_a', 'Shoes'],
  ['Shoes', 'is_a', 'Clothing'],
  ['Phones', 'is_a', 'Electronics'],
  ['Sneakers', 'called', 'running shoe'],
  ['Samsung', 'makes', 'Phones'],
  ['Shoes', 'worn on', 'feet'],
];
const graph = knowledgeGraph(facts);

const mentions = [
  { text: 'New SNEAKERS!', want: ['Sneakers'] },
  { text: 'a running shoe by Samsung', want: ['Sneakers', 'Samsung'] },
  { text: 'running late', want: [] },
  { text: '', want: [] },
];
describe('a text names', () => {
  for (const { text, want } of mentions)
    it(`"${text}": ${want.join(', ') || 'nothing'}`, () => assert.deepEqual([...graph.mentions(text)], want));
});

it('what is known of a node is known of all below it', () => {
  const known = ['is_a=Sneakers', 'is_a=Shoes', 'worn on=feet', 'is_a=Clothing'];
  assert.deepEqual(graph.factsOf('Sneakers'), known);
  assert.deepEqual(graph.factsOf('Samsung'), ['makes=Phones']);
});

const fits = [
  { name: 'the target itself', named: ['Sneakers'], target: 'Sneakers', want: 1 },
  { name: 'a target above', named: ['Sneakers'], target: 'Clothing', want: 1 },
  { name: 'a target below', named: ['Shoes'], target: 'Boots', want: 1 },
  { name: 'a sibling', named: ['Sneakers'], target: 'Boots', want: -1 },
  { name: 'one of two that are named', named: ['Phones', 'Boots'], target: 'Shoes', want: 1 },
  { name: 'nothing named', named: [], target: 'Boots', want: 0 },
  { name: 'a brand, which is no place in the taxonomy', named: ['Samsung'], target: 'Boots', want: 0 },
  { name: 'a target that is not in the taxonomy', named: ['Boots'], target: 'Other', want: 0 },
];
describe('a target against what is named', () => {
  for (const { name, named, target, want } of fits)
    it(name, () => assert.equal(graph.fits(new Set(named), target), want));
});

it('refuses what is a part of itself', () => {
  const circle: Fact[] = [
    ['a', 'is_a', 'b'],
    ['b', 'is_a', 'c'],
    ['c', 'is_a', 'a'],
  ];
  assert.throws(() => knowledgeGraph(circle), /a is_a b is_a c is_a a/);
});

it('takes a node with two ways up', () => {
  const diamond: Fact[] = [
    ['a', 'is_a', 'b'],
    ['a', 'is_a', 'c'],
    ['b', 'is_a', 'd'],
    ['c', 'is_a', 'd'],
  ];
  assert.deepEqual(knowledgeGraph(diamond).factsOf('a'), ['is_a=a', 'is_a=b', 'is_a=d', 'is_a=c']);
});

describe('votes', () => {
  const batch = { rows: 4, columns: { title: ['red sneakers', 'old boots', 'phones', 'a hat'] } };
  const rules = [{ name: 'sneakers', if: { column: 'title', contains: 'sneakers' }, then: 'Sneakers' }];
  const targets = ['Sneakers', 'Phones', 'Phones', 'Hats'];
  const votes = votesOf({ rules, facts }, ['title'])(batch, targets);

  it('are one a rule, and one of the taxonomy', () => {
    assert.deepEqual(
      votes.map(({ rule, says }) => [rule, [...says]]),
      [
        ['sneakers', [1, 0, 0, 0]],
        ['knowledge graph', [1, -1, 1, 0]],
      ],
    );
  });
  it('are summarised over training rows: who agrees, and which rows contradict', () => {
    const summary = summariseVotes(votes, Int32Array.of(0, 1, 3), (row) => ({
      id: 'abcd'[row]!,
      target: targets[row]!,
    }));
    assert.deepEqual(
      summary.rules.map(({ fired, agrees }) => [fired, agrees]),
      [
        [1, 1],
        [2, 1],
      ],
    );
    assert.equal(summary.contradicted, 1);
    assert.deepEqual(summary.examples[0]!.id, 'b');
  });
});

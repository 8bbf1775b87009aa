import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CardFacts } from '../../report/modelCard.js';
import { renderModelCard } from '../../report/modelCard.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { sampleSummary } from '../fixtures/summary.js';

const { analysis, gate } = sampleSummary();
const facts = (more: Partial<CardFacts> = {}): CardFacts => ({
  ...modelDraft(),
  classes: ['a', 'b'],
  analysis,
  decision: gate,
  ...more,
});

describe('a model card', () => {
  it('tells use, training, quality, classes, slices, gate, treatment, lineage and configuration', () => {
    const titles = [...renderModelCard(facts()).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(titles, [
      'Intended use',
      'Training',
      'Quality on the test split',
      'By class',
      'Weak slices',
      'Gate',
      'How a row is treated before prediction',
      'Lineage',
      'Configuration',
    ]);
  });

  it('names the deciding metric with its interval, and how the model came to be', () => {
    const card = renderModelCard(facts());
    assert.match(card, /\| \*{0,2}accuracy\*{0,2} \| 0\.900 \| 0\.880 – 0\.920 \|/);
    assert.match(card, /linear \(C 4\)/);
    assert.match(card, /\| weights \| `model\/a{64}` \|/);
    assert.match(card, /Weights of the training rows: clip/);
  });

  it('says what was not measured', () => {
    const card = renderModelCard(facts({ analysis: null, decision: null }));
    assert.match(card, /Not measured: the analysis was skipped/);
    assert.match(card, /Skipped: nothing was compared/);
    assert.doesNotMatch(card, /## By class/);
  });

  it('tells how rows are clipped and filled', () => {
    const treatment = {
      clip: [{ column: 'price', low: 0, high: 9 }],
      fill: [{ column: 'colour', value: 'red' }],
    };
    const card = renderModelCard(facts({ treatment }));
    assert.match(card, /- `price` is clipped to 0 … 9/);
    assert.match(card, /- a missing `colour` becomes "red"/);
    assert.match(renderModelCard(facts()), /Nothing is clipped or filled in/);
  });

  it('lets no name of a class or column become markup', () => {
    const hostile = '<script>alert(1)</script> | **x** `y` [z](http://x)\n# Title';
    const card = renderModelCard(facts({ classes: [hostile, 'b'], config: { note: '```\n# out' } }));
    assert.doesNotMatch(card, /<script>|^# Title|\*\*x|(?<!\\)\]\(http/m);
    assert.match(card, /\\<script\\>alert\(1\)\\<\/script\\> \\\| \\\*\\\*x/);
    assert.equal(card.split('```').length, 3, 'one fence that is opened and closed');
  });

  it('gives the same characters for the same facts', () => {
    assert.equal(renderModelCard(facts()), renderModelCard(facts()));
  });
});

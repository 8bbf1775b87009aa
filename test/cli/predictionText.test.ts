import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { PredictionExplanation } from '../../activities/explainPrediction.js';
import { predictionLines } from '../../cli/predictionText.js';
import { openTerminal } from '../../cli/terminal.js';

const found: PredictionExplanation = {
  ...{ model: 'linear', predicted: 'Rugs', probability: 0.9, toward: 'Rugs', against: 'Lamps' },
  ...{ output: 2, baseline: 0.5, rest: [], counterfactuals: [], influences: null },
  parts: [{ text: 'wool rug', value: 1.5 }],
  shared: [1, 2, 3, 4].map((bucket) => ({ name: `title: #${bucket}`, terms: ['wool', 'rug'], value: 0.1 })),
};

for (const columns of [80, 40]) {
  it(`names words that share a hashed feature, three at most, in ${columns} columns`, () => {
    const lines = predictionLines(found, { ...openTerminal({}), columns });
    const plain = lines.map(stripVTControlCharacters);
    assert.ok(plain.every((line) => line.length <= columns));
    const text = plain.join(' ').replace(/\s+/g, ' ');
    assert.match(text, /one feature title: #1 counts "wool", "rug" together: \+0\.10/);
    assert.deepEqual([text.includes('#3'), text.includes('#4')], [true, false]);
  });
}

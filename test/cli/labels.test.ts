import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { SampleExplanation } from '../../activities/explainSample.js';
import { assay, type Spoken } from './process.js';
import { finishedToyRun, type ToyRun } from './toyRun.js';

describe('a finished run and its labels', { concurrency: 2 }, () => {
  let toy: ToyRun;
  before(async () => {
    toy = await finishedToyRun();
  });
  after(() => rmSync(toy.folder, { recursive: true }));
  const here = (columns: number, ...args: string[]): Promise<Spoken> =>
    assay(args, { cwd: toy.folder, env: { COLUMNS: String(columns), ASSAY_DIRECTORY: toy.where.root } });

  describe('assay explain', () => {
    it('tells a training sample by text, label, suggestion, rank, weights, rounds, models and neighbours', async () => {
      const { code, stdout, stderr } = await here(120, 'explain', 'toy', 'twin2');
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^twin2 in train\/toy\/20261124-091203\n/);
      assert.match(stdout, /text +topic0word1 topic0word2/);
      assert.match(stdout, /suggested +topic\d with probability 0\.\d{3}; the given label has 0\.\d{3}/);
      assert.match(stdout, /score +pvi −?\d\.\d{3}: rank \d+ of 422 from the bottom/);
      assert.match(stdout, /weight +\d\.\d{3} by \w+ \(the mean is 1\)/);
      assert.match(stdout, /near-duplicates +twin1 \(train, topic0\); they disagree on the label/);
      assert.match(stdout, /round 1 +1\.000 → \d\.\d{3}\. /);
      assert.match(stdout, /all rows +inner folds/);
      assert.match(stdout, /twin1 +train +topic0 ≠ +1\.000/);
    });

    it('fits 60 columns', async () => {
      const { stdout } = await here(60, 'explain', 'toy', 'r0001');
      assert.deepEqual(
        stdout.split('\n').filter((line) => [...line].length > 60),
        [],
      );
    });

    it('gives scripts the same facts: one prediction a training side, weights that add up', async () => {
      const { stdout } = await here(80, 'explain', 'toy', 'r0001', '--json', '--neighbours', '3');
      const found = JSON.parse(stdout) as SampleExplanation;
      assert.equal(found.predictions.length, 4); // three outer folds and the whole
      assert.equal(found.predictions.filter(({ model }) => model === 'uniform').length, 1);
      assert.equal(found.neighbours.length, 3);
      const { steps, weight } = found.weights!;
      assert.equal(steps.at(-1)!.after, weight);
      steps.forEach(({ before }, i) => assert.equal(before, i === 0 ? 1 : steps[i - 1]!.after));
      const { rank, of, percentile } = found.score!;
      assert.equal((rank - 1) / of, percentile);
    });

    it('says of a test sample what the final model predicts, and gives it no weight', async () => {
      const { stdout } = await here(80, 'explain', 'toy', 'r0009', '--json');
      const found = JSON.parse(stdout) as SampleExplanation;
      assert.deepEqual([found.weights, found.score, found.sample!.split], [null, null, 'test']);
      assert.deepEqual(
        found.predictions.map(({ model }) => model),
        ['final'],
      );
      assert.ok(found.neighbours.every(({ split }) => split !== 'test'));
    });

    it('says which rule dropped a sample', async () => {
      const { code, stdout } = await here(80, 'explain', 'toy', 'blank');
      assert.equal(code, 0);
      assert.match(stdout, /put aside +by clean, rule too_short: 0 characters in text/);
    });

    it('names the nearest ids of one that is not there', async () => {
      const { code, stderr } = await here(80, 'explain', 'toy', 'twin');
      assert.equal(code, 1);
      assert.match(stderr, /has no sample "twin", kept or put aside; did you mean "twin1", "twin2"\?/);
    });
  });
});

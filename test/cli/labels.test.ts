import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SampleExplanation } from '../../activities/explainSample.js';
import { readLabelled } from '../../activities/readLabelled.js';
import { readRunConfig } from '../../cli/configFile.js';
import { withUserFiles } from '../../cli/userFiles.js';
import type { Verdict } from '../../core/decide/estimate.js';
import { assay, type Spoken } from './process.js';
import { csvRows, finishedToyRun, type ToyRun } from './toyRun.js';

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

  /** Fills a worksheet in with the truth. */
  function answered(sheet: string, name: string): string {
    const rows = csvRows(join(toy.folder, sheet));
    const lines = rows.map(({ id = '' }) => `${id},${toy.truth.get(id) ?? ''}`);
    writeFileSync(join(toy.folder, name), `id,true_label\n${lines.join('\n')}\n`);
    return name;
  }

  describe('assay decide', () => {
    it('writes a blind worksheet, and from true labels says which model is better and how many labels are wrong', async () => {
      const ask = ['decide', 'toy', '--verify', '60'];
      const planned = await here(80, ...ask, '--out', 'decide.csv');
      assert.equal(planned.code, 0, planned.stderr);
      assert.match(planned.stdout, /the models differ +\d+ +\d+\.\d% +\d+/);
      const rows = csvRows(join(toy.folder, 'decide.csv'));
      assert.equal(rows.length, 60);
      assert.deepEqual(Object.keys(rows[0]!), ['id', 'text', 'option_1', 'option_2', 'true_label']);
      assert.ok(rows.every((row) => row['option_1'] !== row['option_2'] && row['true_label'] === ''));

      const done = answered('decide.csv', 'decide-done.csv');
      const { code, stdout, stderr } = await here(80, ...ask, '--answers', done, '--json');
      assert.equal(code, 0, stderr);
      const found = JSON.parse(stdout) as Verdict & { second: string };
      assert.equal(found.second, 'weighted');
      assert.ok(found.onlySecond > found.onlyFirst && found.pValue < 0.05, stdout);
      const wrong = validationNoise();
      const { low, high } = found.noiseRate;
      assert.ok(low <= wrong && wrong <= high, `${low} to ${high} has not ${wrong}`);
    });

    /** Share of wrong labels of the validation rows, which annotators can't know. */
    function validationNoise(): number {
      const rows = csvRows(join(toy.folder, 'toy.csv')).filter(({ split }) => split === 'validation');
      return rows.filter(({ id = '', label }) => toy.truth.get(id) !== label).length / rows.length;
    }

    it('compares the models of two runs, and finds no difference between a run and itself', async () => {
      const args = ['--verify', '10', '--against', 'toy', '--out', 'same.csv', '--json'];
      const { stdout } = await here(80, 'decide', 'toy', ...args);
      const { strata } = JSON.parse(stdout) as { strata: { name: string; rows: number }[] };
      assert.equal(strata.find(({ name }) => name === 'differ')!.rows, 0);
    });

    const refusals = [
      {
        name: 'a budget that reaches too few',
        args: ['--verify', '3'],
        says: /expected at least 6/,
        code: 2,
      },
      {
        name: 'a side that is trained on',
        args: ['--verify', '9', '--split', 'train'],
        says: /validation, test/,
        code: 2,
      },
      {
        name: 'both worksheet and answers',
        args: ['--verify', '9', '--out', 'a.csv', '--answers', 'b.csv'],
        says: /give one of them/,
        code: 2,
      },
      {
        name: 'an ending that tells no format',
        args: ['--verify', '9', '--out', 'a.xls'],
        says: /\.csv, \.jsonl, \.parquet/,
        code: 2,
      },
      {
        name: 'to write over a worksheet',
        args: ['--verify', '9', '--out', 'toy.csv'],
        says: /may hold answers/,
        code: 2,
      },
    ];
    for (const { name, args, says, code } of refusals) {
      it(`refuses ${name}`, async () => {
        const said = await here(80, 'decide', 'toy', ...args);
        assert.match(said.stderr, says);
        assert.equal(said.code, code);
      });
    }

    it('refuses answers to what it did not ask', async () => {
      const other = await here(80, 'decide', 'toy', '--verify', '20', '--seed', '9', '--out', 'other.csv');
      assert.equal(other.code, 0, other.stderr);
      const done = answered('other.csv', 'other-done.csv');
      const { code, stderr } = await here(80, 'decide', 'toy', '--verify', '20', '--answers', done);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /line \d+: "r\d+" was not asked for: give --verify, --split, --against and --seed/,
      );
    });
  });

  describe('assay relabel', () => {
    it('orders rows, shows what checking brings, and makes a new version that reads as the old one', async () => {
      const args = ['--budget', '90', '--out', 'relabel.csv', '--top', '2'];
      const listed = await here(60, 'relabel', 'toy', ...args);
      assert.equal(listed.code, 0, listed.stderr);
      assert.match(listed.stdout, /expects\s+about\s+\d+\s+of\s+these\s+90\s+labels/);
      assert.match(listed.stdout, /checked +of all +mended +accuracy +recovered\n/);
      assert.match(listed.stdout, /all labels right +1\.000 +100%/);
      const rows = csvRows(join(toy.folder, 'relabel.csv'));
      assert.equal(rows.length, 90);
      const wrong = rows.filter(({ id = '', given_label }) => toy.truth.get(id) !== given_label);
      assert.ok(wrong.length > 60, `${wrong.length} of 90`); // 27 of 90 by chance

      const done = answered('relabel.csv', 'relabel-done.csv');
      const made = await here(80, 'relabel', 'toy', '--answers', done, '--out', 'next.csv', '--by', 'maria');
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, new RegExp(`90 labels verified: ${wrong.length} changed`));
      const before = new Map(csvRows(join(toy.folder, 'toy.csv')).map((row) => [row['id'], row]));
      const after = csvRows(join(toy.folder, 'next.csv'));
      assert.equal(after.length, before.size);
      const changed = new Set(wrong.map(({ id }) => id));
      for (const row of after) {
        const old = before.get(row['id'])!;
        assert.equal(row['split'], old['split']);
        assert.equal(row['label'], changed.has(row['id']) ? toy.truth.get(row['id']!) : old['label']);
        if (changed.has(row['id'])) {
          assert.deepEqual([row['label_before'], row['label_verified_by']], [old['label'], 'maria']);
        }
      }
    });

    it('writes a config that trains on the new version, without a word of the old one lost', async () => {
      writeFileSync(join(toy.folder, 'one.csv'), 'id,true_label\nr0001,topic2\n');
      const { stdout } = await here(
        80,
        'relabel',
        'toy',
        '--answers',
        'one.csv',
        '--out',
        'v2.jsonl',
        '--json',
      );
      const { config, rows, changed } = JSON.parse(stdout) as {
        config: string;
        rows: number;
        changed: number;
      };
      assert.deepEqual([rows, changed], [603, 1]);
      const { dataset } = readRunConfig(config, []);
      const { batch } = await withUserFiles((sources) =>
        readLabelled(dataset, { sources, signal: new AbortController().signal }),
      );
      assert.equal(batch.rows, 603);
      const at = (batch.columns['id'] as string[]).indexOf('r0001');
      assert.equal((batch.columns['target'] as string[])[at], 'topic2');
    });

    it('lists validation rows too where it is asked to', async () => {
      const args = ['--budget', '50', '--validation', '--no-curve', '--out', 'both.csv', '--json'];
      const { stdout } = await here(80, 'relabel', 'toy', ...args);
      const found = JSON.parse(stdout) as { rows: number; verifiedBefore: number };
      assert.deepEqual([found.rows, found.verifiedBefore], [421 + 120, 1]); // twin1 was checked before
      const splits = new Set(csvRows(join(toy.folder, 'both.csv')).map(({ split }) => split));
      assert.deepEqual([...splits].sort(), ['train', 'validation']);
    });

    const refusals = [
      { name: 'neither budget nor answers', args: [], says: /needs --budget N, or --answers FILE/ },
      {
        name: 'an order that there is not',
        args: ['--budget', '5', '--order', 'luck'],
        says: /--order: expected score \|/,
      },
      {
        name: 'the scores of rows that have none',
        args: ['--budget', '5', '--order', 'score', '--validation'],
        says: /training rows only/,
      },
      {
        name: 'to write over a dataset',
        args: ['--answers', 'toy.csv', '--out', 'toy.csv'],
        says: /never written over/,
      },
    ];
    for (const { name, args, says } of refusals) {
      it(`refuses ${name}`, async () => {
        const said = await here(80, 'relabel', 'toy', ...args);
        assert.match(said.stderr, says);
        assert.equal(said.code, 2);
      });
    }
  });
});

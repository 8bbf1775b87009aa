import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SampleExplanation } from '../../activities/explainSample.js';
import { RunComparison } from '../../contracts/comparison.js';
import { RunSummary } from '../../contracts/summary.js';
import { assay, type Spoken } from './process.js';
import { finishedToyRun, playToyRun, TOY_RUN, type ToyRun } from './toyRun.js';

const OTHER_RUN = 'train/toy/20261125-091203';

describe('finished runs, looked at', { concurrency: 2 }, () => {
  let toy: ToyRun;
  before(async () => {
    toy = await finishedToyRun();
    await playToyRun(toy, OTHER_RUN, {
      crossValidate: { folds: 0 },
      loop: { strengths: [16], outerFolds: 3, flips: 499, maxRounds: 0 },
    });
  });
  after(() => rmSync(toy.folder, { recursive: true }));
  const here = (...args: string[]): Promise<Spoken> =>
    assay(args, { cwd: toy.folder, env: { COLUMNS: '80', ASSAY_DIRECTORY: toy.where.root } });

  describe('assay report', () => {
    it('gives the same facts as data: what every sample, class and slice is drawn from', async () => {
      const { code, stdout, stderr } = await here('report', '20261124-091203', '--format', 'json');
      assert.equal(code, 0, stderr);
      const { detail, analysis, rows, runId } = RunSummary.parse(JSON.parse(stdout));
      assert.equal(runId, TOY_RUN);
      assert.ok(detail && analysis);
      assert.equal(detail.dataMap!.samples, rows.train);
      const { easy, ambiguous, hard } = detail.dataMap!.regions;
      assert.ok(Math.abs(easy + ambiguous + hard - 1) < 1e-9);
      const byClass = detail.scoresBy.find(({ column }) => column === 'class')!.groups;
      assert.equal(
        byClass.reduce((sum, { samples }) => sum + samples, 0),
        rows.train,
      );
      const mass = byClass.reduce((sum, { samples, meanWeight }) => sum + samples * meanWeight, 0);
      assert.ok(Math.abs(mass / rows.train - 1) < 1e-6, 'weights have mean 1');
      assert.deepEqual(
        new Map(detail.precisionRecall.map(({ name, support }) => [name, support])),
        new Map(analysis.perClass.map(({ name, support }) => [name, support])),
      );
    });

    it('suspects labels that were flipped, and suggests the true one', async () => {
      const { stdout } = await here('report', '20261124-091203', '--format', 'json');
      const { shown, found, of } = RunSummary.parse(JSON.parse(stdout)).detail!.suspects!;
      assert.ok(found > 0.2 * of && found < 0.5 * of, `${found} of ${of}, three in ten are planted`);
      const right = shown.filter(({ id, suggested }) => toy.truth.get(id) === suggested);
      assert.ok(right.length > 0.9 * shown.length - 1, `${right.length} of ${shown.length}`);
      assert.ok(shown.every(({ given, suggested }) => given !== suggested));
      for (const { parts = [], text } of shown) assert.equal(parts.map((part) => part.text).join(''), text);
      const [clearest] = shown;
      const strongest = clearest!.parts!.toSorted((a, b) => b.value - a.value)[0]!;
      assert.ok(
        strongest.text.startsWith(clearest!.suggested),
        `${strongest.text} speaks for ${clearest!.suggested}`,
      );
    });

    it('leaves page, text and data beside each other, and writes the text to the screen, and to a file', async () => {
      const { stdout: page } = await here('report', '20261124-091203');
      const { stdout } = await here('report', '20261124-091203', '--format', 'md');
      const beside = (ending: string): string => readFileSync(page.trim().replace(/html$/, ending), 'utf8');
      assert.equal(beside('md').trim(), stdout.trim());
      assert.equal(RunSummary.parse(JSON.parse(beside('json'))).runId, TOY_RUN);
      assert.match(stdout, /^# toy: /);
      assert.match(stdout, /\n## Suspected label errors\n/);
      const written = await here('report', '20261124-091203', '-f', 'md', '-o', 'new/folder/out.md');
      assert.equal(written.stdout.trim(), join(toy.folder, 'new/folder/out.md'));
      assert.equal(readFileSync(join(toy.folder, 'new/folder/out.md'), 'utf8').trim(), stdout.trim());
    });

    it('names the formats to whoever asks for another', async () => {
      const { code, stderr } = await here('report', '--format', 'pdf');
      assert.equal(code, 2);
      assert.match(stderr, /html, json, md/);
    });
  });

  describe('assay explain', () => {
    it('takes the final model apart: words and baseline add up to the log-odds', async () => {
      const { code, stdout, stderr } = await here('explain', '20261124-091203', 'r0001', '--json');
      assert.equal(code, 0, stderr);
      const { prediction, sample } = JSON.parse(stdout) as SampleExplanation;
      assert.ok(prediction);
      const { parts, rest, output, baseline, influences, counterfactuals, predicted } = prediction;
      assert.equal(parts.map(({ text }) => text).join(''), sample!.columns['text']);
      const added = [...parts, ...rest].reduce((sum, { value }) => sum + value, 0);
      assert.ok(Math.abs(added + baseline - output) < 1e-6, `${added} + ${baseline} against ${output}`);
      assert.ok(counterfactuals.length > 0 && counterfactuals.every(({ label }) => label !== predicted));
      assert.ok(influences!.support.every(({ value }) => value > 0));
      assert.ok(influences!.oppose.every(({ value }) => value < 0));
    });

    it('asks for another class by name, fits 80 columns, and names the nearest where there is no such class', async () => {
      const { stdout } = await here('explain', '20261124-091203', 'r0001', '--class', 'topic2');
      assert.match(stdout, /why +topic2 rather than topic\d: log-odds [+−]?\d/);
      assert.deepEqual(
        stdout.split('\n').filter((line) => [...line].length > 80),
        [],
      );
      const wrong = await here('explain', '20261124-091203', 'r0001', '--class', 'topc2');
      assert.notEqual(wrong.code, 0);
      assert.match(wrong.stderr, /no class "topc2"; did you mean "topic2"/);
    });
  });

  describe('assay compare', () => {
    it('finds weights that help against the same run without them, on the same test samples', async () => {
      const { code, stdout, stderr } = await here(
        'compare',
        '20261125-091203',
        '20261124-091203',
        '-f',
        'json',
      );
      assert.equal(code, 0, stderr);
      const found = RunComparison.parse(JSON.parse(stdout));
      assert.deepEqual(
        found.runs.map(({ label, policy }) => [label, policy]),
        [
          ['A', 'uniform'],
          ['B', found.runs[1]!.policy],
        ],
      );
      assert.equal(found.common.samples, found.runs[0]!.rows.test);
      const [paired] = found.paired;
      assert.ok(paired!.change.low > 0, 'better');
      assert.ok(
        Math.abs(paired!.change.value - (paired!.fixed - paired!.broken) / found.common.samples) < 1e-9,
      );
      const [a, b] = found.metrics.find(({ name }) => name === 'accuracy')!.values;
      assert.ok(Math.abs(paired!.change.value - (b!.value - a!.value)) < 1e-9, 'as the two test metrics say');
      assert.equal(found.changed.found, paired!.fixed + paired!.broken);
      assert.deepEqual(
        found.config.map(({ path }) => path),
        ['loop.maxRounds', 'loop.strengths'],
      );
      assert.deepEqual(found.training[0], {
        ...found.training[0],
        label: 'B',
        onlyFirst: 0,
        onlyThis: 0,
        relabelled: 0,
      });
    });

    it('says in a line who is better, and writes a page', async () => {
      const { stdout } = await here('compare', '20261125-091203', '20261124-091203');
      assert.match(stdout, /^B is better than A: accuracy \+0\.\d{3} \(95%: /);
      const path = stdout.trim().split('\n').at(-1)!;
      assert.ok(existsSync(path));
      assert.match(readFileSync(path, 'utf8'), /<h1>B is better than A/);
    });

    it('says that a run can not be told from itself', async () => {
      const { stdout } = await here('compare', TOY_RUN, TOY_RUN, '--format', 'md');
      assert.match(stdout, /^# B can’t be told from A: accuracy 0\.000/);
      assert.match(stdout, /All settings are the same/);
      assert.match(stdout, /\| B and A \| 422 \| 0 \| 0 \| 0 \| 1\.000 \| 1\.000 \|/);
    });

    it('asks for two runs', async () => {
      const { code, stderr } = await here('compare', 'toy');
      assert.equal(code, 2);
      assert.match(stderr, /expected 2 to 26 runs, got 1/);
    });
  });
});

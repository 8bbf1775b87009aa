import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunSummary } from '../../contracts/summary.js';
import { renderReport } from '../../report/renderReport.js';
import { headline } from '../../report/headline.js';
import { sampleSummary } from '../fixtures/summary.js';

const MEGABYTE = 1_000_000;

/** A summary of a run with that many classes, each as large as people have them. */
function manyClasses(classes: number): RunSummary {
  const summary = sampleSummary();
  const { analysis } = summary;
  assert.ok(analysis);
  const indices = Array.from({ length: classes }, (_, index) => index);
  return {
    ...summary,
    analysis: {
      ...analysis,
      perClass: indices.map((i) => ({
        name: `class_${i}`,
        support: 40,
        precision: 0.9,
        recall: 0.9,
        f1: 0.9,
      })),
      confusion: indices.map((i) => indices.map((j) => (i === j ? 36 : (i + j) % 3))),
    },
  };
}

/** What a reader sees, without the script. */
const shown = (summary: RunSummary): string => renderReport(summary).replace(/<script>[^]*<\/script>/, '');

describe('renderReport', () => {
  it('is given what a run really makes: the fixture fits the contract', () => {
    assert.doesNotThrow(() => RunSummary.parse(sampleSummary()));
  });

  it('gives the same characters for the same summary', () => {
    assert.equal(renderReport(sampleSummary()), renderReport(sampleSummary()));
  });

  it('asks for nothing from outside of the page', () => {
    const page = renderReport(sampleSummary());
    assert.doesNotMatch(page, /(?:src|href)="(?!#|data:)|url\((?!#)|@import|https?:\/\//);
  });

  const SECTIONS =
    'gate metrics rounds boosts cross-validation learning weights spread data-map label-errors samples sources slices explorer classes explanations precision-recall calibration data stages cost lineage config';
  for (const id of SECTIONS.split(' ')) {
    it(`has the section ${id} and a link to it`, () => {
      const page = renderReport(sampleSummary());
      assert.ok(page.includes(`<section id="${id}"`));
      assert.ok(page.includes(`href="#${id}"`));
    });
  }

  it('leaves out of page and contents what a run of another kind does not have', () => {
    const { detail, ...without } = sampleSummary();
    assert.ok(detail);
    const page = renderReport(without);
    const parts = [
      'learning',
      'spread',
      'data-map',
      'label-errors',
      'explorer',
      'explanations',
      'precision-recall',
    ];
    for (const id of parts) assert.ok(!page.includes(`#${id}"`), id);
    const { explanations: _, ...others } = detail;
    const bare = {
      ...others,
      learning: [],
      precisionRecall: [],
      scoresBy: [],
      dataMap: null,
      suspects: null,
      slices: { found: 0, shown: [] },
    };
    assert.doesNotMatch(renderReport({ ...without, detail: bare }), new RegExp(`id="(${parts.join('|')})"`));
  });

  it('tells what another policy would have earned, and where the figures mean little', () => {
    const page = renderReport(sampleSummary());
    const [section = ''] = /<section id="counterfactual"[^]*?<\/section>/.exec(page) ?? [];
    assert.match(
      section,
      /each choice with chance 0\.05 would have earned on the 2,839 test rows \(61 of yes\)/,
    );
    assert.match(section, /the other, SNIPS[^]*0\.0192[^]*402/);
    assert.match(section, /Only 61 outcomes: this shows the arithmetic, and decides nothing\./);
    assert.match(section, /effective: 14% of all/);
    const { analysis, ...others } = sampleSummary();
    const { counterfactual: _, ...without } = analysis!;
    assert.doesNotMatch(renderReport({ ...others, analysis: without }), /id="counterfactual"/);
  });

  it('begins with the decision, then says why', () => {
    const page = shown(sampleSummary());
    const [verdict, title, reason] = [
      'class="verdict good">Promoted<',
      '<h1>',
      'class="because">The challenger is not',
    ].map((text) => page.indexOf(text));
    assert.ok(0 < verdict! && verdict! < title! && title! < reason!);
    const approval = { approved: false, by: 'dana', note: 'wait for the audit' };
    assert.match(
      shown({ ...sampleSummary(), approval }),
      /class="verdict bad">Refused by dana<[^]*“wait for the audit”/,
    );
  });

  it('shows what scoring warns of and cost, and the noise rate of every source', () => {
    const page = shown(sampleSummary());
    assert.match(page, /<b>Warning:<\/b> knn_shapley judges samples by the labels/);
    assert.match(page, /126 fits, 1 min 15 s/);
    assert.match(page, /Acme &amp; sons[^]*?30\.0%[^]*?27\.0% – 33\.0%/);
    const without = { ...sampleSummary() };
    delete without.importance;
    assert.doesNotMatch(shown(without), /Sources of labels/);
  });

  it('shows a slice boost with its test, and the slices that went to relabelling', () => {
    const page = shown(sampleSummary());
    assert.match(page, /query length ≤ 1 words is not boosted: it does not win inside the slice/);
    assert.match(page, /31 : 24/);
    assert.match(page, /To be relabelled, not boosted[^]*brand = Orbit[^]*41\.3%/);
  });

  it('stays below a megabyte with 150 classes', () => {
    assert.ok(renderReport(manyClasses(150)).length < MEGABYTE);
  });

  it('lists the most confused pairs where a matrix could not be read', () => {
    const page = renderReport(manyClasses(40));
    assert.match(page, /Most confused pairs of 40 classes/);
    assert.doesNotMatch(page, /Confusion matrix/);
  });

  it('renders a run whose every optional part is missing', () => {
    const bare: RunSummary = {
      ...sampleSummary(),
      analysis: null,
      gate: null,
      rounds: [],
      boosts: [],
      crossValidation: [],
      contract: [],
      quarantine: [],
      lineage: [],
      stages: [],
      weights: { ...sampleSummary().weights, histogram: [] },
      scores: { unit: 'bits', mean: 0, histogram: [], most: [], least: [] },
    };
    const page = shown(bare);
    assert.match(page, /without a judgement on the test split/);
    assert.doesNotMatch(page, /NaN|Infinity|undefined|\[object/);
  });

  it('never shows a failed calculation as a word', () => {
    assert.doesNotMatch(shown(sampleSummary()), /NaN|Infinity|>undefined<|\[object/);
  });
});

describe('headline', () => {
  it('says what the weights brought', () => {
    assert.equal(
      headline(sampleSummary()),
      'Training with confident_learning weights gets accuracy 0.870 on the test split, +0.029 against uniform weights.',
    );
  });

  it('says plainly that uniform weights stay', () => {
    const summary = sampleSummary();
    const uniform: RunSummary = { ...summary, weights: { ...summary.weights, policy: 'uniform' } };
    assert.match(
      headline(uniform),
      /^Uniform weights stay: .* It reaches accuracy 0\.841 on the test split\.$/,
    );
  });

  it('says a loss as a loss', () => {
    const summary = sampleSummary();
    const { analysis } = summary;
    assert.ok(analysis);
    const arms = analysis.arms.map((arm) =>
      arm.name === 'weighted'
        ? { ...arm, metrics: { accuracy: { value: 0.8213, low: 0.81, high: 0.83 } } }
        : arm,
    );
    assert.match(
      headline({ ...summary, analysis: { ...analysis, arms } }),
      /−0\.020 against uniform weights/,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunSummary } from '../../contracts/summary.js';
import { renderPage } from '../../report/page.js';
import { renderReport } from '../../report/renderReport.js';
import { html } from '../../report/html.js';
import { ref, sampleSummary } from '../fixtures/summary.js';

const MEGABYTE = 1_000_000;
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const LONG = '一段很长的文字，描述一件商品。'.repeat(60).slice(0, 400);

/** As many pieces, classes, slices, examples and columns as a run ever hands to its report, all of their texts long. */
function heavySummary(): RunSummary {
  const summary = sampleSummary();
  const { analysis, detail, importance, profile, tuning } = summary;
  assert.ok(
    analysis && detail?.suspects && detail.dataMap && importance?.sources && profile?.drift && !tuning,
  );
  const [perClass] = analysis.perClass;
  const [curve] = detail.precisionRecall;
  const [group] = detail.scoresBy[0]!.groups;
  const [suspect] = detail.suspects.shown;
  const [explanation] = detail.explanations!.classes;
  const [share] = explanation!.toward;
  const [slice] = detail.slices.shown;
  const [source] = importance.sources.sources;
  const [least] = summary.scores.least;
  const [shift] = profile.drift.shifts;
  const [stage] = summary.stages;
  const name = (at: number): string => `class ${at} 家居和花园用品 ${'x'.repeat(24)}`;
  const parts = many(50, (at) => ({ text: LONG.slice(6 * at, 6 * at + 6), value: at - 25 }));
  return {
    ...summary,
    stages: many(3000, (at) => ({
      ...stage!,
      path: `loop.${at}.fit`,
      ...(at % 9 === 0 ? { error: LONG } : {}),
    })),
    lineage: many(3000, (at) => ({
      ...{
        stage: at < 1500 ? `importance.evidence.fold.${at}` : `part-${at}.write`,
        stageKey: 'a1'.repeat(32),
      },
      inputs: { features: many(6, (i) => ref('features', String(i), 1000)) },
      outputs: { scores: [{ ...ref('scores', '7', 100), sha256: at.toString(16).padStart(64, '0') }] },
      figures: {},
    })),
    contract: many(500, (at) => ({
      column: name(at),
      rule: 'missing ≤ 1%',
      found: LONG.slice(0, 100),
      passed: true,
    })),
    analysis: {
      ...analysis,
      perClass: many(1000, (at) => ({ ...perClass!, name: name(at) })),
      confusion: many(1000, (i) => many(1000, (j) => (i + j) % 7)),
    },
    importance: {
      ...importance,
      sources: {
        ...importance.sources,
        count: 5000,
        sources: many(1000, (at) => ({ ...source!, name: name(at) })),
      },
    },
    scores: {
      ...summary.scores,
      least: many(20, () => ({ ...least!, text: LONG })),
      most: many(20, () => ({ ...least!, text: LONG })),
    },
    profile: {
      ...profile,
      drift: { ...profile.drift, shifts: many(400, (at) => ({ ...shift!, name: name(at) })) },
    },
    detail: {
      ...detail,
      dataMap: {
        ...detail.dataMap,
        points: many(1000, (at) => [at / 1000, 0.5, 1, `sku-${at}-${'x'.repeat(8)}`]),
      },
      learning: many(3, () => ({
        ...{ arm: 'weighted', unit: 'epoch' as const, metric: 'accuracy', kept: 4000 },
        losses: many(5000, (at) => 1 / (at + 1)),
        qualities: many(5000, (at) => 1 - 1 / (at + 1)),
      })),
      explanations: {
        of: 1000,
        classes: many(200, (at) => ({
          ...explanation!,
          example: { ...explanation!.example, parts: parts.slice(0, 30) },
          ...{ name: name(at), toward: many(8, () => share!), against: many(8, () => share!) },
        })),
      },
      precisionRecall: many(1000, (at) => ({ ...curve!, name: name(at) })),
      scoresBy: ['class', 'slice'].map((column) => ({
        column,
        groups: many(200, (at) => ({ ...group!, name: name(at) })),
      })),
      suspects: { found: 9000, of: 90000, shown: many(40, () => ({ ...suspect!, text: LONG, parts })) },
      slices: { found: 9000, shown: many(200, (at) => ({ ...slice!, name: name(at) })) },
    },
  };
}

describe('the report of a very large run', () => {
  const page = renderReport(heavySummary());

  it('stays below a megabyte, with every section shown', () => {
    const bytes = Buffer.byteLength(page);
    assert.ok(bytes < MEGABYTE, `${bytes} bytes`);
    assert.doesNotMatch(page, /Too much to be shown/);
  });

  it('has one row for pieces that differ by a number, and says how many they are', () => {
    const [, lineage = ''] = page.split('<section id="lineage"');
    assert.match(lineage, /<code>importance\.evidence\.fold\.\*<\/code>[^]*?>1,500</);
    assert.match(lineage, /and 1,496 more <bdi>scores<\/bdi>/);
    assert.match(lineage, /assay artifacts lineage train\/catalogue\/20261124-091203/);
  });

  it('says how many rows it leaves out', () => {
    const [, stages = ''] = page.split('<section id="stages"');
    assert.match(stages, /… and 2,900 more/);
  });
});

it('a page that is still too heavy keeps its light sections, and says what it leaves out', () => {
  const section = (id: string, body: string) => ({
    id,
    title: id,
    lead: '',
    body: html`${many(body.length / 1000, () => body.slice(0, 1000))}`,
  });
  const page = renderPage({
    title: 'heavy',
    header: html`<h1>heavy</h1>`,
    sections: [
      section('first', 'f'.repeat(300_000)),
      section('second', '字'.repeat(300_000)),
      section('third', 't'.repeat(300_000)),
    ],
    footer: '',
  });
  assert.ok(Buffer.byteLength(page) < MEGABYTE);
  assert.match(page, /<section id="second"[^]*?Too much to be shown on a page/);
  assert.equal(page.match(/Too much/g)?.length, 1);
});

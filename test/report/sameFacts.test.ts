import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { count, decimal, interval, percent, signed } from '../../report/format.js';
import { reportMarkdown } from '../../report/markdown.js';
import { renderReport } from '../../report/renderReport.js';
import { HOSTILE, spoiled } from '../browser.js';
import { sampleSummary } from '../fixtures/summary.js';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
/** What is left of a text without markup, marks and spaces: letters, digits, signs. */
const bare = (text: string): string => text.replace(/[^\p{L}\p{N}+−%]/gu, '');

const cellsOf = (row: string): string[] =>
  [...row.matchAll(/<t[hd]\b[^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell]) =>
    bare(decoded(cell!.replace(/<[^>]*>/g, ' '))),
  );

/** Tables of the page, cell by cell. */
const pageTables = (page: string): string[][][] =>
  [...page.matchAll(/<table\b[^]*?<\/table>/g)].map(([table]) =>
    [...table.matchAll(/<tr\b[^>]*>([^]*?)<\/tr>/g)].map(([, row]) => cellsOf(row!)),
  );

/** Tables of the Markdown, the line below the heads left out. */
function textTables(text: string): string[][][] {
  const tables: string[][][] = [];
  let isWithin = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('|')) {
      if (!isWithin) tables.push([]);
      if (!/^[| -]+$/.test(line)) {
        const cells = line.slice(2, -2).split(/(?<!\\)\|/);
        tables.at(-1)!.push(cells.map((cell) => bare(decoded(cell.replaceAll('\\', '')))));
      }
    }
    isWithin = line.startsWith('|');
  }
  return tables;
}

describe('page, text and data of a run', () => {
  for (const [kind, summary] of [
    ['a common run', sampleSummary()],
    [
      'one whose texts are hostile',
      spoiled(
        sampleSummary(),
        new Set(['uniform', 'shuffled', 'weighted', 'accuracy', 'outOfFold', 'epoch']),
      ),
    ],
  ] as const) {
    it(`have the same tables, cell by cell: ${kind}`, () => {
      const [page, text] = [pageTables(renderReport(summary)), textTables(reportMarkdown(summary))];
      assert.ok(page.length > 15, `${page.length} tables`);
      assert.equal(text.length, page.length);
      page.forEach((rows, t) => {
        assert.equal(text[t]!.length, rows.length, `table ${t}: ${rows[0]!.join()}`);
        rows.forEach((cells, r) =>
          cells.forEach((cell, c) => {
            if (cell !== '') assert.equal(text[t]![r]![c], cell, `table ${t}, row ${r}, column ${c}`); // '': a drawing
          }),
        );
      });
    });
  }

  it('say the numbers of the document, written for people', () => {
    const summary = sampleSummary();
    const { analysis, gate, rows, weights, detail, rounds, crossValidation } = summary;
    const facts: string[] = [
      ...analysis!.arms.flatMap(({ metrics }) =>
        Object.values(metrics).flatMap((one) => [decimal(one.value), interval(one)]),
      ),
      ...analysis!.perClass.flatMap((one) => [one.name, decimal(one.f1), count(one.support)]),
      ...analysis!.slices.map(({ name }) => name),
      ...gate!.checks.flatMap(({ name, found }) => [name, found]),
      ...[count(rows.kept), count(rows.quarantined), percent(weights.effectiveSampleSize)],
      ...rounds.flatMap(({ reason, candidates }) => [
        reason,
        ...candidates.map(({ gain }) => signed(gain, 4)),
      ]),
      ...crossValidation.map(({ mean }) => decimal(mean, 4)),
      ...detail!.suspects!.shown.flatMap(({ id, given, suggested }) => [id, given, suggested]),
      ...detail!.explanations!.classes.flatMap(({ name, toward }) => [
        name,
        ...toward.map(({ word }) => word),
      ]),
      ...detail!.learning.map(({ kept, qualities }) => decimal(qualities[kept! - 1]!)),
      ...summary.stages.map(({ path }) => path),
      ...summary.quarantine.map(({ rule }) => rule),
    ];
    assert.ok(facts.length > 120 && !facts.includes(HOSTILE));
    // Labels of drawings are words of the page, too.
    const page = bare(decoded(renderReport(summary).replace(/<(?!div role="img")[^>]*>/g, ' ')));
    const text = bare(decoded(reportMarkdown(summary).replaceAll('\\', '')));
    for (const fact of facts) {
      assert.ok(page.includes(bare(fact)), `the page does not say ${fact}`);
      assert.ok(text.includes(bare(fact)), `the text does not say ${fact}`);
    }
  });
});

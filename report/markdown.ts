import TurndownService from 'turndown';
import type { RunSummary } from '../contracts/summary.js';
import { decisionReason, headline, verdict } from './headline.js';
import { html } from './html.js';
import { sectionsOf } from './sections/index.js';
import { tiles } from './sections/result.js';
import { renderSection, type Section } from './sections/section.js';

/** The report as Markdown (GitHub's tables): made of the same sections as the page, so that both say the same. */
export function reportMarkdown(summary: RunSummary): string {
  const decided = verdict(summary);
  const { gate, approval, runId, seed } = summary;
  return pageMarkdown(
    [
      html`<h1>${summary.name}: ${headline(summary)}</h1>`.text,
      ...(decided && gate
        ? [html`<p><b>${decided.words}.</b> ${decisionReason(gate, approval)}</p>`.text]
        : []),
      tiles(summary).text,
    ],
    sectionsOf(summary),
    `${runId} · seed ${seed} · made by Assay`,
  );
}

/** Parts of a page as Markdown. Charts become what they say to those who don't see them. */
export function pageMarkdown(head: readonly string[], sections: readonly Section[], foot: string): string {
  const convert = converter();
  const parts = [
    ...head,
    ...sections.map((section) => renderSection(section).text),
    html`<p>${foot}</p>`.text,
  ];
  return `${parts.map(convert).join('\n\n')}\n`;
}

/** As much of the converter's elements as is used here: no DOM is among our types. */
interface Element {
  readonly nodeName: string;
  readonly textContent: string;
  readonly innerHTML: string;
  readonly parentElement: Element | null;
  readonly classList: { contains(name: string): boolean };
  readonly childNodes: ArrayLike<Element>;
  readonly children: ArrayLike<Element>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): ArrayLike<Element>;
}

/** What our markup becomes where Markdown has nothing of the kind. */
const RULES: readonly {
  readonly name: string;
  readonly fits: (node: Element) => boolean;
  readonly becomes: (
    node: Element,
    convert: (markup: string) => string,
    escape: (text: string) => string,
  ) => string;
}[] = [
  {
    name: 'chart',
    fits: (node) => node.getAttribute('role') === 'img',
    becomes: (node, _, escape) =>
      node.classList.contains('spark')
        ? ''
        : `\n\n_${escape(oneLine(node.getAttribute('aria-label') ?? ''))}_\n\n`,
  },
  { name: 'table', fits: ({ nodeName }) => nodeName === 'TABLE', becomes: tableOf },
  {
    name: 'interval',
    fits: ({ classList }) => classList.contains('ci'),
    becomes: ({ textContent }) => ` (${textContent})`,
  },
  {
    name: 'fact',
    fits: ({ nodeName, parentElement }) => nodeName === 'DIV' && parentElement?.nodeName === 'DL',
    becomes: (node, convert) => `- ${texts(node, convert).join(': ')}\n`,
  },
  {
    name: 'tile',
    fits: ({ classList }) => classList.contains('tile'),
    becomes: (node, convert) => `- ${texts(node, convert).join(' · ')}\n`,
  },
];

function converter(): (markup: string) => string {
  const service = new TurndownService({
    headingStyle: 'atx',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
    // Elements without text come here, whatever the rules say.
    blankReplacement: (_: string, node: unknown) =>
      ((node as Element).classList.contains('range') && (node as Element).getAttribute('title')) || '',
  });
  // Markdown lets HTML through: what was escaped on the page stays so.
  const escapeMarkdown = service.escape.bind(service);
  service.escape = (text) => escapeMarkdown(text).replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const convert = (markup: string): string => service.turndown(markup);
  for (const { name, fits, becomes } of RULES) {
    service.addRule(name, {
      filter: (node: unknown) => fits(node as Element),
      replacement: (_: string, node: unknown) => becomes(node as Element, convert, service.escape),
    });
  }
  return convert;
}

const texts = (node: Element, convert: (markup: string) => string): string[] =>
  Array.from(node.children, ({ innerHTML }) => oneLine(convert(innerHTML))).filter((text) => text !== '');

/** A table as GitHub has it: the first row are the heads. Cells are converted too, on one line each. */
function tableOf(table: Element, convert: (markup: string) => string): string {
  const rows = Array.from(table.querySelectorAll('tr'), (row) =>
    Array.from(row.children, ({ innerHTML }) => oneLine(convert(innerHTML)).replaceAll('|', '\\|')),
  );
  const [heads = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `\n\n${[line(heads), line(heads.map(() => '---')), ...body.map(line)].join('\n')}\n\n`;
}

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

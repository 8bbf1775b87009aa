import type { AuditedFile } from '../activities/auditFile.js';
import type { Columns } from '../contracts/settings.js';
import { cut } from '../core/text/columns.js';
import { count, decimal, percent, pValue } from '../report/format.js';
import { tableLines, factLines } from './table.js';
import { plainText, type Terminal } from './terminal.js';

const SHOWN_TEXT = 60;
const ORDER_LEVEL = 0.01;
const SHOWN_UNUSABLE = 3;

/** What an audit found, for scripts: counts, and the rows that deserve a look. */
export function auditSummary(audited: AuditedFile, file: string, columns: Columns, top: number) {
  const { audit, classes, unusable, strength, batch } = audited;
  const { labels, duplicates, outliers, order } = audit;
  return {
    file,
    rows: batch.rows,
    unusable: unusable.length,
    columns,
    strength,
    outOfFoldAgreement: labels.agreement,
    labelErrors: {
      suspected: labels.ranked.length,
      estimated: labels.estimatedErrors,
      worst: [...labels.ranked.subarray(0, top)].map((row) => suspect(audited, row, columns)),
    },
    nearDuplicates: {
      clusters: duplicates.sizes.size,
      rows: sum(duplicates.sizes.values()),
      conflictingClusters: duplicates.conflicting.size,
    },
    outliers: { rows: sum(outliers.flagged), threshold: outliers.threshold },
    rowOrder: order ?? null,
    classes: classes.map((name, code) => ({
      name,
      rows: audit.classes.counts[code]!,
      suspected: [...labels.ranked].filter((row) => audited.targets[row] === code).length,
      isRare: audit.classes.rare.includes(code),
    })),
  };
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** A suspected row as people and scripts look at it. */
function suspect({ audit, classes, targets, places, batch }: AuditedFile, row: number, columns: Columns) {
  const { labels } = audit;
  return {
    id: (batch.columns['id'] as readonly string[])[row]!,
    ...places[row]!,
    given: classes[targets[row]!]!,
    suggested: classes[labels.suggested[row]!]!,
    selfConfidence: labels.selfConfidence[row]!,
    probabilityLabelIsRight: labels.posterior[row]!,
    content: contentOf(batch.columns, row, columns),
  };
}

function contentOf(table: AuditedFile['batch']['columns'], row: number, columns: Columns): string {
  const names = [...columns.text, ...columns.attributes, ...columns.categorical, ...columns.numeric];
  return names
    .map((name) => (table[name] as ArrayLike<unknown>)[row])
    .filter((cell) => cell !== null && cell !== undefined && cell !== '')
    .map(String)
    .join(' · ');
}

/** What an audit found, for people. */
export function auditLines(
  audited: AuditedFile,
  file: string,
  columns: Columns,
  top: number,
  terminal: Pick<Terminal, 'columns' | 'colors'>,
): string[] {
  const { audit, classes, batch } = audited;
  const worst = [...audit.labels.ranked.subarray(0, top)].map((row) => suspect(audited, row, columns));
  const headings = [
    { head: 'line', numeric: true },
    { head: 'given' },
    { head: 'suggested' },
    { head: 'p(given)', numeric: true },
    { head: 'content' },
  ];
  const rows = worst.map((one) => [
    String(one.line),
    one.given,
    one.suggested,
    decimal(one.selfConfidence),
    cut(plainText(one.content).replace(/\s+/gu, ' '), SHOWN_TEXT),
  ]);
  return [
    terminal.colors.bold(`${file}: ${count(batch.rows)} rows, ${count(classes.length)} classes`),
    ...factLines(facts(audited), terminal),
    ...(rows.length > 0 ? ['', terminal.colors.bold('most suspicious labels')] : []),
    ...(rows.length > 0 ? tableLines(headings, rows, terminal) : []),
  ];
}

function facts(audited: AuditedFile): (readonly [string, string])[] {
  const { audit, unusable, batch, strength, classes } = audited;
  const { labels, duplicates, outliers, order } = audit;
  const share = (n: number): string => `${count(n)} (${percent(n / batch.rows, 1)})`;
  const rare = audit.classes.rare.map((code) => `${classes[code]!} (${count(audit.classes.counts[code]!)})`);
  return [
    [
      'label errors',
      `${share(labels.ranked.length)} suspected; about ${count(labels.estimatedErrors)} estimated. ` +
        `A logistic regression (C ${strength}) that never saw a row agrees with ${percent(labels.agreement, 1)} of labels`,
    ],
    [
      'near-duplicates',
      `${share(sum(duplicates.sizes.values()))} rows in ${count(duplicates.sizes.size)} clusters, ` +
        `${count(duplicates.conflicting.size)} of which disagree on the label`,
    ],
    ['outliers', `${share(sum(outliers.flagged))} unlike all other rows`],
    ['row order', orderText(order)],
    [
      'rare classes',
      rare.length === 0 ? 'none below a tenth of an equal share' : rare.slice(0, 10).join(', '),
    ],
    ...(unusable.length === 0
      ? []
      : [
          [
            'unusable rows',
            `${count(unusable.length)}: ${unusable
              .slice(0, SHOWN_UNUSABLE)
              .map(({ line, reason }) => `line ${line}: ${reason}`)
              .join('; ')}`,
          ] as const,
        ]),
  ];
}

function orderText(order: AuditedFile['audit']['order']): string {
  if (!order) return 'no two rows share a feature';
  const p = `p ${pValue(order.pValue)}`;
  return order.pValue < ORDER_LEVEL
    ? `alike rows stand near each other (${p}): the file is sorted or was collected in parts; don't cut it by position`
    : `looks random (${p})`;
}

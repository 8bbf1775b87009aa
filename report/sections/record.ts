import type { StageStatus } from '../../contracts/run.js';
import type { RunSummary } from '../../contracts/summary.js';
import { clipText } from '../../core/text/characters.js';
import { count, duration, figure, isolated, percent } from '../format.js';
import { escapeText, Html, html, sentence } from '../html.js';
import { table } from '../table.js';
import { block, mark, nothing, type Section } from './section.js';

/** Which rows came in, which were kept, and which rule took the others out. */
export function dataSection({ rows, contract, quarantine }: RunSummary): Section {
  const sides = (['train', 'validation', 'test'] as const).map(
    (side) =>
      html`<div>
        <dt>${side}</dt>
        <dd>${count(rows[side])}</dd>
      </div>`,
  );
  const rules = quarantine.map(({ rule, rows: taken, examples }) => [
    html`<bdi>${rule}</bdi>`,
    { show: count(taken), sort: taken },
    html`${examples.slice(0, 3).map(({ id, where, reason }) => html`<div class="example"><code title="${where}">${where.replace(/^.*\//, '')}</code> ${sentence(reason)}${id === '' ? '' : html` <code>${id}</code>`}</div>`)}`,
  ]);
  const checks = contract.map(({ column, rule, found, passed }) => [
    html`<bdi>${column}</bdi>`,
    sentence(rule),
    sentence(found),
    mark(passed),
  ]);
  return {
    id: 'data',
    title: 'Data',
    lead: `${count(rows.read)} rows read, ${count(rows.kept)} kept, ${count(rows.quarantined)} in quarantine (${percent(rows.quarantined / Math.max(rows.read, 1), 1)}). Nothing is dropped without a rule that says so.`,
    body: html`<dl class="facts">${sides}</dl>
      ${block(
        'contract',
        checks.length > 0
          ? table(
              'Data contract',
              ['column', 'rule', 'found', 'result'].map((head) => ({ head })),
              checks,
            )
          : nothing('The config states no contract.'),
      )}
      ${block('quarantine', rules.length > 0 ? table('Quarantine', [{ head: 'rule' }, { head: 'rows', numeric: true }, { head: 'for example' }], rules) : nothing('Every row was kept.'))}`,
  };
}

/** What was done when, and how long it took. */
export function stagesSection({ stages: all, lineage }: RunSummary): Section {
  // The report can't know its own end.
  const stages = all.filter(({ path, state }) => path !== 'report' || state !== 'running');
  const starts = stages.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const ends = stages.flatMap(({ endedAtMs }) => endedAtMs ?? []);
  const first = Math.min(...starts);
  const span = Math.max(...ends) - first;
  const rows = stages.map((stage) => [
    html`<code>${stage.path}</code>`,
    html`<span class="state ${stage.state}">${stage.state}</span
      >${stage.attempts > 1 && !stage.shards ? html` <small>${stage.attempts} attempts</small>` : ''}`,
    timeOf(stage),
    bar(stage, first, span),
    html`${figuresOf(stage)}${stage.error === undefined ? '' : html`<div class="failure">${sentence(stage.error)}</div>`}`,
  ]);
  const cached = stages.filter(({ state }) => state === 'cached').length;
  return {
    id: 'stages',
    title: 'Stages',
    lead: [
      starts.length > 0
        ? `${duration(span)} in all${cached > 0 ? `; ${cached} reused from the cache` : ''}.`
        : '',
      ...engineWords(lineage),
    ]
      .filter((words) => words !== '')
      .join(' '),
    body: table(
      'Stages',
      [
        { head: 'stage' },
        { head: 'state' },
        { head: 'time', numeric: true },
        { head: 'when' },
        { head: 'figures' },
      ],
      rows,
      { tall: rows.length > 24, filter: rows.length > 24 },
    ),
  };
}

/** What computed the networks, where there were any. */
function engineWords(lineage: RunSummary['lineage']): string[] {
  const engines = new Set(lineage.flatMap(({ figures: { engine } }) => engine ?? []));
  if (engines.size === 0) return [];
  const names = [...engines].map(String).sort();
  const slow = names.some((name) => name.startsWith('wasm'))
    ? ' WebAssembly is many times slower than TensorFlow: `assay setup` on the worker’s machine gets that.'
    : '';
  return [`Networks were computed by ${names.join(' and ')}.${slow}`];
}

const figuresOf = ({ figures }: StageStatus): string =>
  Object.entries(figures)
    .map(([name, value]) => `${isolated(name)} ${isolated(figure(value))}`)
    .join(' · ');

function timeOf({ startedAtMs, endedAtMs }: StageStatus) {
  if (startedAtMs === undefined || endedAtMs === undefined) return '–';
  return { show: duration(endedAtMs - startedAtMs), sort: endedAtMs - startedAtMs };
}

function bar({ startedAtMs, endedAtMs, state }: StageStatus, first: number, span: number): Html | string {
  if (startedAtMs === undefined || endedAtMs === undefined) return '';
  const left = ((startedAtMs - first) / (span || 1)) * 100;
  const width = Math.max(((endedAtMs - startedAtMs) / (span || 1)) * 100, 0.5);
  return html`<span class="gantt"
    ><i
      class="${state}"
      style="left:${Math.min(left, 99.5).toFixed(2)}%;width:${Math.min(width, 100 - left).toFixed(2)}%"
    ></i
  ></span>`;
}

const MOST_CONFIG = 60_000;

/** The settings of the run, defaults included. */
export const configSection = ({ config }: RunSummary): Section => ({
  id: 'config',
  title: 'Config',
  lead: 'As it was run, defaults filled in.',
  body: html`<details open>
    <summary>assay.yaml as JSON</summary>
    <pre tabindex="0">${new Html(escapeText(clipText(JSON.stringify(config, null, 2), MOST_CONFIG)))}</pre>
  </details>`,
});

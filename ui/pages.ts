import type { RunStatus, StageStatus } from '../contracts/run.js';
import { count, decimal, duration, figure, instant, isolated } from '../report/format.js';
import { escapeText, Html, html, sentence } from '../report/html.js';
import { renderPage } from '../report/page.js';
import { block, mark, nothing, type Section } from '../report/sections/section.js';
import { table } from '../report/table.js';
import type { RunsSource, ShownModel, ShownRun } from './source.js';

/** How often a page with something under way asks anew. */
const REFRESH_SECONDS = 5;
const OPEN = new Set(['running', 'blocked', 'waiting']);

const runPath = (runId: string): string => `/runs/${encodeURIComponent(runId)}`;

/** All runs, models and leaderboards. */
export function homePage(
  { runs, complaint }: Awaited<ReturnType<RunsSource['runs']>>,
  models: readonly ShownModel[],
): string {
  const trainings = runs.filter(({ runId }) => !runId.startsWith('benchmark/'));
  const benchmarks = runs.filter(({ runId }) => runId.startsWith('benchmark/'));
  const open = runs.filter(({ state }) => OPEN.has(state));
  return renderPage({
    title: 'Assay',
    ...(open.length > 0 ? { refreshSeconds: REFRESH_SECONDS } : {}),
    header: html`<p class="eyebrow"><b>Assay</b><span>read only</span></p>
      <h1>${headline(trainings, benchmarks.length)}</h1>
      ${complaint === undefined ? '' : html`<p class="because">${complaint}</p>`}`,
    sections: [
      runsSection(trainings),
      championsSection(models),
      ...(benchmarks.length > 0 ? [leaderboardsSection(benchmarks)] : []),
    ],
    footer: 'Nothing can be changed here: assay retry, skip, abort and approve answer a run.',
  });
}

function headline(runs: readonly ShownRun[], benchmarks: number): string {
  const of = (state: string): number => runs.filter((run) => run.state === state).length;
  const beside =
    benchmarks === 0 ? '' : `; ${count(benchmarks)} ${benchmarks === 1 ? 'benchmark' : 'benchmarks'}`;
  if (runs.length === 0) return `There is no run yet${beside}.`;
  const parts = [
    [of('blocked'), 'blocked and waiting for an operator'],
    [of('waiting'), 'waiting for approval'],
    [of('running'), 'under way'],
    [of('completed'), 'completed'],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, words]) => `${count(n)} ${words}`);
  return `${count(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}${told.length > 0 ? `: ${told.join(', ')}` : ''}${beside}.`;
}

const stateOf = (state: string): Html =>
  state === 'completed'
    ? mark(true, 'completed')
    : ['blocked', 'failed', 'aborted'].includes(state)
      ? mark(false, '', state)
      : html`<span class="state ${state}">${state}</span>`;

function runsSection(runs: readonly ShownRun[]): Section {
  const rows = runs.map((run) => [
    html`<a href="${runPath(run.runId)}"><bdi>${run.runId}</bdi></a>`,
    stateOf(run.state),
    html`<bdi>${run.stage}</bdi>`,
    run.round === null ? '' : String(run.round),
    run.metric === null ? '' : decimal(run.metric, 4),
    run.startedAt === null ? '' : instant(Date.parse(run.startedAt)),
    run.startedAt !== null && run.endedAt !== null
      ? {
          show: duration(Date.parse(run.endedAt) - Date.parse(run.startedAt)),
          sort: Date.parse(run.endedAt) - Date.parse(run.startedAt),
        }
      : '',
    run.hasReport ? html`<a href="${runPath(run.runId)}/report">report</a>` : '',
  ]);
  return {
    id: 'runs',
    title: 'Runs',
    lead: 'Newest first.',
    body:
      rows.length === 0
        ? nothing('None yet: assay run assay.yaml --watch')
        : table(
            'Runs',
            [
              { head: 'run' },
              { head: 'state' },
              { head: 'stage' },
              { head: 'round', numeric: true },
              { head: 'metric', numeric: true },
              { head: 'started' },
              { head: 'took', numeric: true },
              { head: 'report' },
            ],
            rows,
            { filter: rows.length > 8 },
          ),
  };
}

function championsSection(models: readonly ShownModel[]): Section {
  return {
    id: 'models',
    title: 'Champions',
    lead: models.length > 0 ? 'Which version of a model is in use, who moved the alias, when and why.' : '',
    body:
      models.length === 0
        ? nothing('No model is registered yet: a run that passes its gate brings one.')
        : html`${models.map(({ name, champion, moves }) =>
            block(
              `${isolated(name)}: ${champion === null ? 'no champion' : `champion is ${isolated(champion)}`}`,
              moves.length === 0
                ? nothing('Its alias was never moved.')
                : table(
                    `Champions of ${name}`,
                    ['version', 'since', 'by', 'why'].map((head) => ({ head })),
                    moves.map(({ version, at, by, why }) => [
                      html`<bdi>${version}</bdi>`,
                      { show: instant(Date.parse(at)), sort: at },
                      html`<bdi>${by}</bdi>`,
                      html`<bdi>${why}</bdi>`,
                    ]),
                  ),
            ),
          )}`,
  };
}

const leaderboardsSection = (runs: readonly ShownRun[]): Section => ({
  id: 'leaderboards',
  title: 'Leaderboards',
  lead: 'Benchmarks of importance estimators.',
  body: table(
    'Leaderboards',
    ['benchmark', 'state', 'started', 'page'].map((head) => ({ head })),
    runs.map((run) => [
      html`<bdi>${run.runId}</bdi>`,
      stateOf(run.state),
      run.startedAt === null ? '' : instant(Date.parse(run.startedAt)),
      run.hasReport ? html`<a href="${runPath(run.runId)}/report">leaderboard</a>` : '',
    ]),
  ),
});

/** One run: where it stands, and what may be done about it. */
export function runPage(
  run: ShownRun,
  status: RunStatus | undefined,
  temporalUrl: string | undefined,
): string {
  const state = status?.state ?? run.state;
  const links = [
    html`<a href="/">all runs</a>`,
    ...(run.hasReport ? [html`<a href="${runPath(run.runId)}/report">report</a>`] : []),
    ...(temporalUrl === undefined ? [] : [html`<a href="${temporalUrl}" rel="noreferrer">Temporal UI</a>`]),
  ];
  return renderPage({
    title: `${isolated(run.runId)} · Assay`,
    ...(OPEN.has(state) ? { refreshSeconds: REFRESH_SECONDS } : {}),
    header: html`<p class="eyebrow">
        <b><bdi>${run.runId}</bdi></b
        >${links.map((link) => html`<span>${link}</span>`)}
      </p>
      <h1>${runHeadline(run, status)}</h1>`,
    sections: [
      ...(status?.blocked ? [blockedSection(status.blocked)] : []),
      ...(status?.waiting ? [waitingSection(status.waiting)] : []),
      progressSection(status, OPEN.has(state)),
    ],
    footer: OPEN.has(state) ? `Asks anew every ${REFRESH_SECONDS} seconds.` : '',
  });
}

function runHeadline(run: ShownRun, status: RunStatus | undefined): string {
  const state = status?.state ?? run.state;
  const metric = status?.metric;
  const reached = metric ? `, ${metric.name} ${decimal(metric.value, 4)}` : '';
  if (state !== 'running') return `This run is ${state}${reached}.`;
  const stages = status?.stages ?? [];
  const done = stages.filter(({ state: one }) => ['done', 'cached', 'skipped'].includes(one)).length;
  return `Stage ${status?.stage ?? run.stage}, round ${status?.round ?? run.round ?? 0}: ${done} of ${stages.length} known stages are done${reached}.`;
}

const blockedSection = ({ stage, error, commands }: NonNullable<RunStatus['blocked']>): Section => ({
  id: 'blocked',
  title: `Blocked at ${stage}`,
  lead: 'It waits for an operator. Type one of these:',
  body: html`<p class="failure">${sentence(error)}</p>
    <pre>${new Html(escapeText(commands.join('\n')))}</pre>`,
});

const waitingSection = ({ question, commands }: NonNullable<RunStatus['waiting']>): Section => ({
  id: 'waiting',
  title: 'Waiting for a person',
  lead: question,
  body: html`<pre>${new Html(escapeText(commands.join('\n')))}</pre>`,
});

function progressSection(status: RunStatus | undefined, isOpen: boolean): Section {
  const base = { id: 'progress', title: 'Stages', lead: '' };
  if (!status) {
    const why = isOpen
      ? 'No worker answers for it right now.'
      : 'It has ended, and no worker tells of it any more: its report shows its stages.';
    return { ...base, body: nothing(why) };
  }
  const rows = status.stages.map((stage) => [
    html`<code>${stage.path}</code>`,
    html`<span class="state ${stage.state}">${stage.state}</span>`,
    progressOf(stage),
    stage.startedAtMs !== undefined && stage.endedAtMs !== undefined
      ? { show: duration(stage.endedAtMs - stage.startedAtMs), sort: stage.endedAtMs - stage.startedAtMs }
      : '',
    html`${Object.entries(stage.figures)
      .map(([name, value]) => `${isolated(name)} ${isolated(figure(value))}`)
      .join(
        ' · ',
      )}${stage.error === undefined ? '' : html`<div class="failure">${sentence(stage.error)}</div>`}`,
  ]);
  return {
    ...base,
    body: table(
      'Stages',
      [
        { head: 'stage' },
        { head: 'state' },
        { head: 'pieces' },
        { head: 'time', numeric: true },
        { head: 'figures' },
      ],
      rows,
    ),
  };
}

function progressOf({ shards }: StageStatus): Html | string {
  if (!shards) return '';
  const share = ((shards.done / Math.max(shards.total, 1)) * 100).toFixed(0);
  return html`<span class="meter"><i style="width:${share}%"></i></span>${shards.done} of ${shards.total}`;
}

/** A page that says why there is nothing. */
export const problemPage = (title: string, text: string): string =>
  renderPage({
    title: `${title} · Assay`,
    header: html`<p class="eyebrow">
        <b>Assay</b><span><a href="/">all runs</a></span>
      </p>
      <h1>${title}</h1>`,
    sections: [{ id: 'problem', title: 'What happened', lead: '', body: nothing(text) }],
    footer: '',
  });

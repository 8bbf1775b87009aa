import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Leaderboard } from '../contracts/benchmark.js';
import { StoreError } from '../contracts/errors.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { RunOutcome } from '../contracts/run.js';
import { RunSummary } from '../contracts/summary.js';
import { gateSentence, headline, registeredSentence } from '../report/headline.js';
import { count, decimal, interval, percent, signed } from '../report/format.js';
import { importanceFacts } from '../report/importanceFacts.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import { boardLines } from './boardLines.js';
import { detectErrors, type Detection } from './detection.js';
import { fileNameOf, type Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { recall } from './records.js';
import { factLines, tableLines, wrap } from './table.js';
import type { Terminal } from './terminal.js';
import { tuningLines } from './tuningLines.js';

/** What a finished run left, read from the store. */
export interface RunResults {
  readonly runId: string;
  readonly summary: RunSummary | null;
  readonly detection: Detection | null;
  /** Of a benchmark. */
  readonly leaderboard: Leaderboard | null;
  /** The page, written beside the store; null where the stage was skipped. */
  readonly reportPath: string | null;
}

/**
 * Reads a finished run's summary, writes its report page, and judges its scores where the truth is known.
 *
 * @throws CliError when they are not in our store: the workers may have written them to another one
 */
export async function readResults(
  where: Directories,
  runId: string,
  outcome: RunOutcome,
): Promise<RunResults> {
  try {
    return await readFromStore(where, runId, outcome);
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    throw new CliError(
      `${runId} ${outcome.state}, but what it made is not in ${where.storeUri}; its workers may use another store`,
      EXIT.failed,
      [`ASSAY_STORE=… assay show ${runId}    with the store of the workers`],
      { cause },
    );
  }
}

async function readFromStore(where: Directories, runId: string, outcome: RunOutcome): Promise<RunResults> {
  const artifacts = openArtifacts(await openStore(where.storeUri), {
    scratchDirectory: join(where.root, 'scratch'),
  });
  const [summaryRef] = outcome.outputs['summary'] ?? [];
  const [reportRef] = outcome.outputs['report'] ?? [];
  const [boardRef] = outcome.outputs['leaderboard'] ?? [];
  const document = async (ref: ArtifactRef): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await artifacts.readBlob(ref)));
  const summary = summaryRef ? RunSummary.parse(await document(summaryRef)) : null;
  const leaderboard = boardRef ? Leaderboard.parse(await document(boardRef)) : null;
  const truth = recall(where, runId)?.truth;
  const detection = truth === undefined ? undefined : await detectErrors(artifacts, outcome.outputs, truth);
  const [textRef] = outcome.outputs['markdown'] ?? [];
  const text = textRef && (await artifacts.readBlob(textRef));
  const reportPath = reportRef
    ? writeReport(where, runId, await artifacts.readBlob(reportRef), summary, text)
    : null;
  return { runId, summary, detection: detection ?? null, leaderboard, reportPath };
}

/** The page, the document that it was drawn from, and the same as text, beside each other. */
function writeReport(
  where: Directories,
  runId: string,
  page: Uint8Array,
  summary: RunSummary | null,
  text: Uint8Array | undefined,
): string {
  mkdirSync(where.reports, { recursive: true });
  const path = join(where.reports, fileNameOf(runId));
  if (summary) writeFileSync(`${path}.json`, `${JSON.stringify(summary, null, 2)}\n`);
  if (text) writeFileSync(`${path}.md`, text);
  writeFileSync(`${path}.html`, page);
  return `${path}.html`;
}

/** The result as people read it. */
export function resultLines(
  results: RunResults,
  terminal: Pick<Terminal, 'columns' | 'colors'>,
  uiUrl?: string,
): string[] {
  const { summary, detection, leaderboard, reportPath, runId } = results;
  const facts: [string, string][] = [];
  if (detection) facts.push(['label errors', detectionWords(detection, summary)]);
  if (summary) facts.push(...summaryFacts(summary));
  facts.push(['run', runId]);
  if (reportPath !== null) facts.push(['report', reportPath]);
  if (uiUrl !== undefined) facts.push(['Temporal UI', uiUrl]);
  const head = summary
    ? wrap(headline(summary), Math.min(terminal.columns, 100)).map((line) => terminal.colors.bold(line))
    : [];
  const arms = summary ? armLines(summary, terminal) : leaderboard ? boardLines(leaderboard, terminal) : [];
  const trials = summary?.tuning ? tuningLines(summary.tuning, terminal) : [];
  const tables = [arms, trials].filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines]);
  return [...head, ...tables, '', ...factLines(facts, terminal)];
}

const SHOWN_METRICS = 2;

function armLines({ analysis }: RunSummary, terminal: Pick<Terminal, 'columns' | 'colors'>): string[] {
  if (!analysis) return [];
  const all = [
    ...new Set([
      analysis.metric,
      'accuracy',
      'f1_macro',
      ...analysis.arms.flatMap(({ metrics }) => Object.keys(metrics)),
    ]),
  ];
  const names = all
    .filter((name) => analysis.arms.some(({ metrics }) => metrics[name]))
    .slice(0, SHOWN_METRICS);
  const headings = [
    { head: 'test split' },
    ...names.flatMap((head) => [
      { head, numeric: true },
      { head: '95%', numeric: true },
    ]),
  ];
  const rows = analysis.arms.map(({ name, metrics }) => [
    name,
    ...names.flatMap((metric) => {
      const estimate = metrics[metric];
      return estimate ? [decimal(estimate.value), interval(estimate)] : ['–', '–'];
    }),
  ]);
  return tableLines(headings, rows, terminal);
}

const detectionWords = (found: Detection, summary: RunSummary | null): string =>
  `AUROC ${decimal(found.rocAuc)}, average precision ${decimal(found.averagePrecision)}: ${count(found.planted)} planted among ${count(found.samples)} training samples, found by low ${summary?.weights.estimator ?? 'importance'}`;

const SHOWN_SLICES = 3;

/** What was proposed and decided, and the slices that need other labels rather than more weight. */
function boostFacts(boosts: RunSummary['boosts']): [string, string][] {
  const decided = boosts.map(({ round, proposal, reason }) => {
    const error = proposal
      ? ` Trusted error ${percent(proposal.trustedError)}, noise rate ${percent(proposal.noiseRate)}.`
      : '';
    return `round ${round}: ${reason}${error}`;
  });
  const noisy = boosts.at(-1)?.relabel ?? [];
  const shown = noisy
    .slice(0, SHOWN_SLICES)
    .map(
      ({ slice, support, noiseRate }) =>
        `${slice}: noise rate ${percent(noiseRate)} (${count(support)} samples)`,
    );
  const more =
    noisy.length > shown.length ? [`and ${count(noisy.length - shown.length)} more, see the report`] : [];
  return [
    ...(decided.length > 0 ? [['slice boosts', decided.join('\n')] satisfies [string, string]] : []),
    ...(shown.length > 0 ? [['to relabel', [...shown, ...more].join('\n')] satisfies [string, string]] : []),
  ];
}

function summaryFacts({
  analysis,
  boosts,
  gate,
  weights,
  tuning,
  rounds,
  importance,
  approval,
  loopEnded,
  registered,
}: RunSummary): [string, string][] {
  const facts: [string, string][] = [];
  const slices = analysis?.slices.slice(0, SHOWN_SLICES) ?? [];
  if (slices.length > 0) {
    facts.push([
      'weak slices',
      slices
        .map(
          ({ name, support, uniform, weighted }) =>
            `${name}: ${decimal(uniform.value)} → ${decimal(weighted.value)} (${signed(weighted.value - uniform.value)}, ${count(support)} samples)`,
        )
        .join('\n'),
    ]);
  }
  facts.push(...boostFacts(boosts));
  facts.push([
    'weights',
    `${weights.policy}, effective sample size ${Math.round(weights.effectiveSampleSize * 100)}%`,
  ]);
  if (tuning) facts.push(['tuning', tuning.reason]);
  const reasons = rounds.filter(({ round }) => round > 0).map(({ reason }) => reason);
  if (reasons.length > 0) facts.push(['why', reasons.join('\n')]);
  facts.push(...importanceFacts(importance).map(([name, words]): [string, string] => [name, words]));
  for (const warning of importance?.warnings ?? []) facts.push(['warning', warning]);
  if (loopEnded !== undefined) facts.push(['loop', loopEnded]);
  if (gate) facts.push(['gate', gateSentence(gate, approval)]);
  if (registered) facts.push(['model', registeredSentence(registered)]);
  return facts;
}

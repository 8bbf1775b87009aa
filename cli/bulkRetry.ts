import { createInterface } from 'node:readline/promises';
import { RESOLVE_UPDATE } from '../contracts/names.js';
import type { ResolveStage } from '../contracts/run.js';
import { clipText } from '../core/text/characters.js';
import { CliError, EXIT } from './exit.js';
import { blockedStatus, sendUpdate, settings } from './resolving.js';
import { planOfBlocked, type RetryOptions } from './retrying.js';
import { planSummary } from './retryPlanText.js';
import { listRuns } from './runClient.js';
import { withServerOpen, type Server } from './server.js';
import { plainText, type Terminal } from './terminal.js';

const MOST_RUNS = 1_000;
const SHOWN_ERROR = 120;

/** What became of one run. */
interface Outcome {
  readonly runId: string;
  readonly stage: string;
  readonly words: string;
  readonly ok: boolean;
}

/** Retries every blocked run that fits a query, or says what that would redo. */
export function retryAll(
  query: string,
  { yes, dryRun, set = [], ...options }: RetryOptions & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  const changes = settings(set);
  return withServerOpen(options, async (server) => {
    const found = await listRuns(server, MOST_RUNS, `AssayStatus = 'blocked' AND (${query})`);
    if (found.length === 0)
      throw new CliError(`no blocked run fits ${query}`, EXIT.notFound, ['assay runs --status blocked']);
    if (!dryRun && !yes)
      await confirm(
        found.map(({ runId }) => runId),
        terminal,
      );
    const outcomes: Outcome[] = [];
    for (const { runId } of found) {
      const outcome = await oneRun(
        runId,
        (stage) => (dryRun ? dryRunOf(server, runId, set) : retryOne(server, runId, stage, changes)),
        server,
      );
      terminal.line(`${outcome.ok ? '✓' : '✕'} ${runId}  ${outcome.stage}  ${outcome.words}`);
      outcomes.push(outcome);
    }
    const failed = outcomes.filter(({ ok }) => !ok).length;
    terminal.json({ query, dryRun: dryRun === true, runs: outcomes, failed });
    const verb = dryRun ? 'would be retried' : 'retried';
    terminal.line(
      `${outcomes.length - failed} of ${outcomes.length} blocked runs ${verb}${failed > 0 ? `, ${failed} not` : ''}`,
    );
    return failed > 0 ? EXIT.failed : EXIT.ok;
  });
}

async function confirm(runIds: readonly string[], terminal: Terminal): Promise<void> {
  const refused = new CliError(`${runIds.length} blocked runs fit; nothing was retried`, EXIT.usage, [
    'the same with --yes      retries them',
    'the same with --dry-run  says what would run again',
  ]);
  if (!terminal.isInteractive) throw refused;
  for (const runId of runIds) terminal.line(`  ${runId}`);
  const input = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await input.question(`retry these ${runIds.length}? [y/N] `).finally(() => input.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw refused;
}

/** One run's failure is told and does not keep the others waiting. */
async function oneRun(
  runId: string,
  work: (stage: string) => Promise<string>,
  server: Server,
): Promise<Outcome> {
  let stage = '?';
  try {
    const { blocked } = await blockedStatus(server, runId);
    stage = blocked.stage;
    return { runId, stage, words: await work(stage), ok: true };
  } catch (error) {
    const words = clipText(plainText(error instanceof Error ? error.message : String(error)), SHOWN_ERROR);
    return { runId, stage, words, ok: false };
  }
}

async function retryOne(
  server: Server,
  runId: string,
  stage: string,
  set: NonNullable<ResolveStage['set']>,
): Promise<string> {
  const answer: ResolveStage = { action: 'retry', stage, ...(Object.keys(set).length > 0 ? { set } : {}) };
  await sendUpdate(server, runId, RESOLVE_UPDATE, answer);
  return 'runs again';
}

async function dryRunOf(server: Server, runId: string, set: readonly string[]): Promise<string> {
  return planSummary((await planOfBlocked(server, runId, undefined, set)).plan);
}

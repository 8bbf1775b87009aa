import type { RunStatus } from '../contracts/run.js';
import type { Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { followRun, type Ending } from './follow.js';
import { remember } from './records.js';
import { readResults, resultLines } from './results.js';
import { describeRun, outcomeOf } from './runClient.js';
import { isFiring, tellFiring } from './schedules/firing.js';
import { queuesWithoutWorker, workerCommand, type Server } from './server.js';
import { message } from './table.js';
import { plainText, type Terminal } from './terminal.js';

export interface WatchOptions {
  /** Told with the result. */
  readonly uiUrl?: string;
  /** What Ctrl-C does; its exit code. @default says how to come back: the run goes on */
  readonly onInterrupt?: () => Promise<number>;
}

/** Follows a run to its end and prints what came of it. @returns the exit code */
export async function watchToEnd(
  server: Server,
  runId: string,
  where: Directories,
  terminal: Terminal,
  signal: AbortSignal,
  { uiUrl, onInterrupt = () => Promise.resolve(tellInterrupted(runId, terminal)) }: WatchOptions = {},
): Promise<number> {
  terminal.aside(`${terminal.colors.bold(runId)}`);
  const ending = await followRun(server, runId, terminal, signal);
  if (ending.kind === 'interrupted') return onInterrupt();
  if (ending.kind === 'blocked') return tellBlocked(runId, ending.status, terminal);
  return tellClosed(server, runId, ending, where, terminal, uiUrl);
}

function tellInterrupted(runId: string, terminal: Terminal): number {
  terminal.note(
    `\n${runId} goes on without you. Come back with:\n  assay watch ${runId}\nor stop it with:\n  assay cancel ${runId}`,
  );
  return EXIT.interrupted;
}

function tellWaiting(runId: string, waiting: NonNullable<RunStatus['waiting']>, terminal: Terminal): number {
  terminal.json({ runId, state: 'waiting', waiting });
  const { yellow, bold } = terminal.colors;
  terminal.line(`\n${yellow(bold('waiting'))} ${message(waiting.question, terminal, '        ')}`);
  terminal.line('The run waits, nothing is lost. Type one of:');
  for (const command of waiting.commands) terminal.line(`  ${command}`);
  return EXIT.blocked;
}

/** Says why a run is blocked, or what it waits for, and what an operator may type. */
export function tellBlocked(runId: string, status: RunStatus, terminal: Terminal): number {
  const { blocked, waiting } = status;
  if (waiting) return tellWaiting(runId, waiting, terminal);
  terminal.json({ runId, state: 'blocked', blocked });
  const { red, bold } = terminal.colors;
  terminal.line(
    `\n${red(bold('blocked'))} ${message(`at ${blocked?.stage ?? status.stage}: ${plainText(blocked?.error ?? '')}`, terminal, '        ')}`,
  );
  const failed = blocked?.failedShards ?? [];
  if (failed.length > 1)
    terminal.line(
      message(
        `  failed shards: ${failed.slice(0, 6).join(', ')}${failed.length > 6 ? ` and ${failed.length - 6} more` : ''}`,
        terminal,
        '    ',
      ),
    );
  terminal.line(message('The run waits, nothing is lost. Mend the cause, then type one of:', terminal));
  for (const command of blocked?.commands ?? []) terminal.line(`  ${command}`);
  terminal.line(`  assay logs ${runId} --stage ${blocked?.stage ?? status.stage}`);
  return EXIT.blocked;
}

async function tellClosed(
  server: Server,
  runId: string,
  { state }: Extract<Ending, { kind: 'closed' }>,
  where: Directories,
  terminal: Terminal,
  uiUrl: string | undefined,
): Promise<number> {
  if (isFiring(runId)) return tellFiring(server, runId, terminal);
  const outcome = await outcomeOf(server, runId);
  if ('error' in outcome) {
    if (state === 'cancelled')
      throw new CliError(`${runId} was cancelled`, EXIT.cancelled, [`assay show ${runId}`]);
    throw new CliError(`${runId} ${state}: ${plainText(outcome.error)}`, EXIT.failed, [
      `assay show ${runId}`,
      `assay logs ${runId}`,
    ]);
  }
  remember(where, runId, { outcome });
  const results = await readResults(where, runId, outcome);
  terminal.json({ ...results, state: outcome.state, figures: outcome.figures });
  terminal.aside();
  for (const line of resultLines(results, terminal, uiUrl)) terminal.line(line);
  return EXIT.ok;
}

/** Says what was started, who does not work for it yet, and how to follow it. */
export async function tellStarted(server: Server, runId: string, terminal: Terminal): Promise<void> {
  const { device } = await describeRun(server, runId);
  const unserved = await queuesWithoutWorker(server, Date.now(), device);
  terminal.json({ runId, address: server.address, namespace: server.namespace, waitingForWorkers: unserved });
  terminal.line(`started ${runId}`);
  for (const queue of unserved) {
    terminal.aside(`no worker on ${queue} yet; type: ${workerCommand(queue, server)}`);
  }
  terminal.aside(`follow it: assay watch ${runId}`);
}

import type { Directories } from './directories.js';
import { EXIT } from './exit.js';
import { untilInterrupted } from './follow.js';
import { endRun } from './runClient.js';
import { withServerOpen, type Server } from './server.js';
import { startServices } from './services.js';
import type { Terminal } from './terminal.js';
import { watchToEnd } from './watching.js';

/**
 * Starts Temporal and the workers, follows one run to its end, and stops what it has started. Where `assay dev` runs in
 * this folder already, that is used and left alone.
 *
 * @param keep leave everything running until Ctrl-C
 * @param start starts the run and returns its id
 */
export async function standalone(
  where: Directories,
  terminal: Terminal,
  keep: boolean,
  start: (server: Server) => Promise<string>,
): Promise<number> {
  const { dim } = terminal.colors;
  terminal.aside(dim('starting Temporal and the workers …'));
  // Until here Ctrl-C just ends us, and what we have started ends with us.
  const services = await startServices(where, {}, terminal);
  return untilInterrupted(async (signal) => {
    try {
      terminal.aside(dim(`Temporal UI ${services.uiUrl}`));
      const { address, namespace } = services;
      const code = await withServerOpen({ address, namespace }, async (server) => {
        const runId = await start(server);
        return watchToEnd(server, runId, where, terminal, signal, {
          ...(keep ? { uiUrl: services.uiUrl } : {}),
          ...(services.isForeign ? {} : { onInterrupt: () => stopRun(server, runId, where, terminal) }),
        });
      });
      if (keep && !signal.aborted) await keepRunning(services.uiUrl, address, terminal, signal);
      else if (code !== EXIT.interrupted && !services.isForeign) tellWhatStays(where, terminal);
      return code;
    } finally {
      await services.stop();
    }
  });
}

/** Ends the run before its services end: otherwise the next ones of this folder would go on with it. */
async function stopRun(
  server: Server,
  runId: string,
  where: Directories,
  terminal: Terminal,
): Promise<number> {
  terminal.note(`\nstopping ${runId} …`);
  await endRun(server, runId);
  terminal.json({ runId, state: 'cancelled' });
  terminal.note(
    'The run was cancelled. What it had finished stays, and the same command takes it from there:',
  );
  terminal.note(`  ${where.storeUri}`);
  terminal.note(`Everything of it is in ${where.root}; delete that folder to be rid of it.`);
  return EXIT.interrupted;
}

function tellWhatStays(where: Directories, terminal: Terminal): void {
  terminal.note(
    terminal.colors.dim(
      `\nTemporal and the workers stop now; what they made stays in ${where.root}.\n` +
        '`assay dev` starts them again with this run in their list.',
    ),
  );
}

async function keepRunning(
  uiUrl: string,
  address: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  terminal.note(`\nkept running: Temporal at ${address}, its UI at ${uiUrl}; Ctrl-C stops them`);
  terminal.note(`  TEMPORAL_ADDRESS=${address} assay runs`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

import type { RunStatus } from '../../contracts/run.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories, type Directories } from '../directories.js';
import { EXIT } from '../exit.js';
import { stageLine, STATE_SIGN } from '../progress.js';
import { remember } from '../records.js';
import { readResults, resultLines } from '../results.js';
import { describeRun, findRun, outcomeOf, queryStatus } from '../runClient.js';
import { isFiring, tellFiring } from '../schedules/firing.js';
import {
  queuesWithoutWorker,
  withServerOpen,
  workerCommand,
  type Server,
  type ServerOptions,
} from '../server.js';
import { message, prose } from '../table.js';
import { plainText, type CommonOptions, type Terminal } from '../terminal.js';
import { tellBlocked } from '../watching.js';

const QUERY_WITHIN_MS = 5_000;

/** `assay show [RUN]` */
export const show: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay show', 'assay show catalogue --json'])
      .argument('[run]', 'id, end of an id, or name; the newest run without it')
      .action(
        action<CommonOptions & ServerOptions>(([wanted], options, terminal) =>
          withServerOpen(options, async (server) =>
            showRun(server, await findRun(server, wanted), directories(), terminal),
          ),
        ),
      );
  },
};

async function showRun(
  server: Server,
  runId: string,
  where: Directories,
  terminal: Terminal,
): Promise<number> {
  const { isOpen, closed, device } = await describeRun(server, runId);
  const unserved = isOpen ? await queuesWithoutWorker(server, Date.now(), device) : [];
  const status = unserved.includes('assay-workflow')
    ? undefined
    : await queryStatus(server, runId, QUERY_WITHIN_MS);
  if (isOpen && status && (status.blocked ?? status.waiting)) {
    tellStages(status, terminal);
    for (const queue of unserved)
      terminal.note(`no worker on ${queue}; type: ${workerCommand(queue, server)}`);
    return tellBlocked(runId, status, terminal);
  }
  if (status) tellStages(status, terminal);
  if (isOpen) {
    terminal.json({
      runId,
      state: status?.state ?? 'running',
      status: status ?? null,
      waitingForWorkers: unserved,
    });
    if (!status) terminal.line(message(`${runId} is open, but no worker answers for it`, terminal));
    for (const queue of unserved)
      terminal.aside(`no worker on ${queue}; type: ${workerCommand(queue, server)}`);
    return EXIT.ok;
  }
  if (isFiring(runId)) return tellFiring(server, runId, terminal);
  const outcome = await outcomeOf(server, runId);
  if ('error' in outcome) {
    const state = status && status.state !== 'running' ? status.state : closed;
    terminal.json({ runId, state, error: outcome.error, status: status ?? null });
    terminal.line(message(`${runId} ${state}: ${plainText(outcome.error)}`, terminal));
    return EXIT.ok;
  }
  remember(where, runId, { outcome });
  const results = await readResults(where, runId, outcome);
  terminal.json({ ...results, state: outcome.state, figures: outcome.figures });
  terminal.line();
  for (const line of resultLines(results, terminal)) terminal.line(line);
  return EXIT.ok;
}

function tellStages({ stages }: RunStatus, terminal: Terminal): void {
  for (const stage of stages) {
    terminal.line(prose(`${STATE_SIGN[stage.state]} ${plainText(stageLine(stage))}`, terminal, '    '));
  }
}

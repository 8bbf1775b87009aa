import type { Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { finishedRecords, remember, type RunRecord } from './records.js';
import { findRun, outcomeOf } from './runClient.js';
import { withServerOpen, type ServerOptions } from './server.js';

/** A run that ended, and what it left. */
export type Finished = RunRecord & { readonly outcome: NonNullable<RunRecord['outcome']> };

/**
 * The finished run that is meant, or the newest: one that this machine remembers, else one that the server knows.
 *
 * @param wanted id, end of an id, or name
 * @throws CliError when the run left nothing
 */
export const finishedRun = async (
  where: Directories,
  wanted: string | undefined,
  options: ServerOptions,
): Promise<Finished> => recordedRun(where, wanted) ?? (await fromServer(where, wanted, options));

/** The finished run that is meant, or the newest, if this machine remembers it. */
export function recordedRun(where: Directories, wanted: string | undefined): Finished | undefined {
  const fits = finishedRecords(where).filter(
    ({ runId }) =>
      wanted === undefined || runId === wanted || runId.split('/')[1] === wanted || runId.endsWith(wanted),
  );
  const [newest] = fits;
  return newest?.outcome ? { ...newest, outcome: newest.outcome } : undefined;
}

async function fromServer(
  where: Directories,
  wanted: string | undefined,
  options: ServerOptions,
): Promise<Finished> {
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted);
    const outcome = await outcomeOf(server, runId);
    if ('error' in outcome) {
      throw new CliError(`${runId} left nothing: ${outcome.error}`, EXIT.notFound, [`assay show ${runId}`]);
    }
    remember(where, runId, { outcome });
    return { formatVersion: 1, runId, outcome };
  });
}

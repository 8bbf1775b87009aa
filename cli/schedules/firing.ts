import { WorkflowFailedError } from '@temporalio/client';
import { RETRAIN_WORKFLOW } from '../../contracts/names.js';
import { RetrainOutcome } from '../../contracts/schedule.js';
import { CliError, EXIT } from '../exit.js';
import type { Server } from '../server.js';
import { plainText, type Terminal } from '../terminal.js';

/** Whether an id is of a schedule's firing, not of a run. */
export const isFiring = (runId: string): boolean => runId.startsWith(`${RETRAIN_WORKFLOW}/`);

/** Says what an ended firing of a schedule came to. @throws CliError where it, or its run, has failed */
export async function tellFiring(server: Server, id: string, terminal: Terminal): Promise<number> {
  const outcome = await outcomeOf(server, id);
  terminal.json({ firing: id, ...outcome });
  const { state, runId, because, adapted } = outcome;
  if (adapted) {
    terminal.line(`${id} ${state}: ${adapted.action}: ${plainText(adapted.reason)}`);
    return EXIT.ok;
  }
  const words =
    state === 'unchanged'
      ? 'nothing has changed since'
      : because.includes('first')
        ? 'the first run:'
        : `new ${because.join(' and ')}:`;
  terminal.line(`${id} ${state}: ${words} ${runId}`);
  terminal.aside(`see it: assay show ${runId}`);
  return EXIT.ok;
}

async function outcomeOf(server: Server, id: string): Promise<RetrainOutcome> {
  try {
    return RetrainOutcome.parse(await server.client.workflow.getHandle(id).result());
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const why = plainText(error.cause?.message ?? error.message);
    throw new CliError(`${id} failed: ${why}`, EXIT.failed, [`assay show ${id}`, 'assay runs']);
  }
}

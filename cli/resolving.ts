import { WorkflowUpdateFailedError } from '@temporalio/client';
import { RunConfigError } from '../config/issues.js';
import { checkOverrides } from '../config/load.js';
import { RESOLVE_UPDATE } from '../contracts/names.js';
import type { ResolveStage, RunStatus } from '../contracts/run.js';
import { CliError, EXIT } from './exit.js';
import { findRun, queryStatus } from './runClient.js';
import { withServerOpen, workerCommand, type Server, type ServerOptions } from './server.js';
import type { CommonOptions, Terminal } from './terminal.js';

export interface ResolveOptions extends CommonOptions, ServerOptions {
  readonly stage?: string;
  readonly set?: readonly string[];
}

const QUERY_WITHIN_MS = 8_000;
const ANSWER_WITHIN_MS = 15_000;

/** What the argument of commands that answer blocked runs means. */
export const BLOCKED_RUN = 'id, end of an id, or name; the newest blocked run without it';

/** Answers a blocked stage: found out where it is not named. */
export function resolveStage(
  verb: ResolveStage['action'],
  wanted: string | undefined,
  options: ResolveOptions,
  terminal: Terminal,
): Promise<number> {
  const set = settings(options.set ?? []);
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted, "AssayStatus = 'blocked'");
    const stage = options.stage ?? (await blockedStatus(server, runId)).blocked.stage;
    const answer: ResolveStage = { action: verb, stage, ...(Object.keys(set).length > 0 ? { set } : {}) };
    await sendUpdate(server, runId, RESOLVE_UPDATE, answer);
    terminal.json({ runId, ...answer });
    const done = {
      retry: `runs ${stage} again`,
      skip: `goes on without ${stage}`,
      abort: `ends, aborted at ${stage}`,
    }[verb];
    terminal.line(`${runId} ${done}`);
    if (verb !== 'abort') terminal.aside(`follow it: assay watch ${runId}`);
    return EXIT.ok;
  });
}

/** New settings by dotted path; a path or a value that no config could have is refused here, before the run is asked. */
export function settings(texts: readonly string[]): NonNullable<ResolveStage['set']> {
  const { overrides, issues } = checkOverrides(texts);
  if (issues.length > 0) throw new RunConfigError(issues);
  return Object.fromEntries(overrides.map(({ path, value }) => [path.join('.'), value])) as NonNullable<
    ResolveStage['set']
  >;
}

/** @throws CliError where the run is not blocked, or nobody answers for it */
export async function blockedStatus(
  server: Server,
  runId: string,
): Promise<RunStatus & { readonly blocked: NonNullable<RunStatus['blocked']> }> {
  const status = await answered(server, runId, queryStatus(server, runId, QUERY_WITHIN_MS));
  const { blocked } = status;
  if (blocked) return { ...status, blocked };
  throw new CliError(
    `${runId} is not blocked: it is ${status.state}${status.stage === '' ? '' : ` at ${status.stage}`}`,
    EXIT.failed,
    [`assay show ${runId}`],
  );
}

/** What a run answered. @throws CliError that says which worker to start where nobody did */
export async function answered<T>(server: Server, runId: string, answer: Promise<T | undefined>): Promise<T> {
  const given = await answer;
  if (given !== undefined) return given;
  throw new CliError(`no worker answers for ${runId}`, EXIT.failed, [
    workerCommand('assay-workflow', server),
  ]);
}

/** Sends an Update with one JSON object. @throws CliError (exit 2) with the run's own words where it refuses */
export async function sendUpdate(
  server: Server,
  runId: string,
  update: string,
  content: unknown,
): Promise<string> {
  const handle = server.client.workflow.getHandle(runId);
  try {
    return await server.client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<string, [unknown]>(update, { args: [content] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CliError(error.cause?.message ?? error.message, EXIT.usage, [`assay show ${runId}`]);
    }
    throw error;
  }
}

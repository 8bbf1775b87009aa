import { WorkflowUpdateFailedError } from '@temporalio/client';
import { RunConfigError } from '../../config/issues.js';
import { checkOverrides } from '../../config/load.js';
import { RESOLVE_UPDATE } from '../../contracts/names.js';
import type { ResolveStage } from '../../contracts/run.js';
import { action, collect, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { findRun, queryStatus } from '../runClient.js';
import { withServerOpen, workerCommand, type Server, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ResolveOptions extends CommonOptions, ServerOptions {
  readonly stage?: string;
  readonly set?: readonly string[];
}

const QUERY_WITHIN_MS = 8_000;
const ANSWER_WITHIN_MS = 15_000;

/** `assay retry [RUN]` */
export const retry: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay retry catalogue',
      'assay retry catalogue --stage clean --set clean.minTextLength=3',
    ])
      .argument('[run]', 'id, end of an id, or name; the newest blocked run without it')
      .option('--stage <path>', 'the blocked stage (found out where left out)')
      .option(
        '-s, --set <path=value>',
        'a new setting for the rest of the run; may be given several times',
        collect,
        [],
      )
      .action(
        action<ResolveOptions>(([run], options, terminal) => resolveStage('retry', run, options, terminal)),
      );
  },
};

/** `assay skip [RUN]` */
export const skip: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay skip catalogue --stage crossValidate'])
      .argument('[run]', 'id, end of an id, or name; the newest blocked run without it')
      .option('--stage <path>', 'the blocked stage (found out where left out)')
      .action(
        action<ResolveOptions>(([run], options, terminal) => resolveStage('skip', run, options, terminal)),
      );
  },
};

/** `assay abort [RUN]` */
export const abort: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay abort catalogue'])
      .argument('[run]', 'id, end of an id, or name; the newest blocked run without it')
      .option('--stage <path>', 'the blocked stage (found out where left out)')
      .action(
        action<ResolveOptions>(([run], options, terminal) => resolveStage('abort', run, options, terminal)),
      );
  },
};

function resolveStage(
  verb: ResolveStage['action'],
  wanted: string | undefined,
  options: ResolveOptions,
  terminal: Terminal,
): Promise<number> {
  const set = settings(options.set ?? []);
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted, "AssayStatus = 'blocked'");
    const stage = options.stage ?? (await blockedStage(server, runId));
    const answer: ResolveStage = { action: verb, stage, ...(Object.keys(set).length > 0 ? { set } : {}) };
    await send(server, runId, answer);
    terminal.json({ runId, ...answer });
    const done = {
      retry: `runs ${stage} again`,
      skip: `goes on without ${stage}`,
      abort: `ends, aborted at ${stage}`,
    }[verb];
    terminal.line(`${runId} ${done}`);
    if (verb !== 'abort') terminal.line(`follow it: assay watch ${runId}`);
    return EXIT.ok;
  });
}

/** New settings by dotted path; a path or a value that no config could have is refused here, before the run is asked. */
function settings(texts: readonly string[]): NonNullable<ResolveStage['set']> {
  const { overrides, issues } = checkOverrides(texts);
  if (issues.length > 0) throw new RunConfigError(issues);
  return Object.fromEntries(overrides.map(({ path, value }) => [path.join('.'), value])) as NonNullable<
    ResolveStage['set']
  >;
}

async function blockedStage(server: Server, runId: string): Promise<string> {
  const status = await queryStatus(server, runId, QUERY_WITHIN_MS);
  if (!status) throw noAnswer(server, runId);
  if (status.blocked) return status.blocked.stage;
  throw new CliError(
    `${runId} is not blocked: it is ${status.state}${status.stage === '' ? '' : ` at ${status.stage}`}`,
    EXIT.failed,
    [`assay show ${runId}`],
  );
}

const noAnswer = (server: Server, runId: string): CliError =>
  new CliError(`no worker answers for ${runId}`, EXIT.failed, [workerCommand('assay-workflow', server)]);

async function send(server: Server, runId: string, answer: ResolveStage): Promise<void> {
  const handle = server.client.workflow.getHandle(runId);
  try {
    await server.client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate(RESOLVE_UPDATE, { args: [answer] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CliError(error.cause?.message ?? error.message, EXIT.usage, [`assay show ${runId}`]);
    }
    throw error;
  }
}

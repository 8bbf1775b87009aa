import { ScheduleAlreadyRunning } from '@temporalio/client';
import { action, collect, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { withServerOpen, type Server, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { describeSchedule } from './found.js';
import { wantedSchedule, type WantedSchedule } from './wanted.js';

interface PutOptions extends CommonOptions, ServerOptions {
  readonly set: readonly string[];
}

type Put = 'created' | 'updated' | 'unchanged';

const putCommand = (
  verb: 'create' | 'update',
  put: (server: Server, wanted: WantedSchedule, file: string) => Promise<Put>,
): CommandModule => ({
  define: (command) => {
    withExamples(withServer(command), [`assay schedule ${verb} assay.yaml`])
      .argument('<file>', 'the config, with a section `schedule`')
      .option('-s, --set <path=value>', 'override a setting; may be given several times', collect, [])
      .action(
        action<PutOptions>(([file = ''], options, terminal) =>
          withServerOpen(options, async (server) => {
            const wanted = await wantedSchedule(server, file, options.set, terminal);
            return tell(server, wanted.name, await put(server, wanted, file), terminal);
          }),
        ),
      );
  },
});

/** `assay schedule create FILE` */
export const createCommand = putCommand('create', async (server, wanted, file) => {
  const { name: scheduleId, options, version } = wanted;
  try {
    await server.client.schedule.create({ scheduleId, ...options });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw refused(error);
    if ((await describeSchedule(server, scheduleId)).version === version) return 'unchanged';
    const message = `there is a schedule ${scheduleId} already, and ${file} says something else`;
    throw new CliError(message, EXIT.usage, [
      `assay schedule update ${file}`,
      `assay schedule describe ${scheduleId}`,
    ]);
  }
});

/** `assay schedule update FILE`: a pause, its note and the history of the schedule stay. */
export const updateCommand = putCommand('update', async (server, { name, options, version }, file) => {
  const found = await describeSchedule(server, name, [`assay schedule create ${file}`]);
  if (found.version === version) return 'unchanged';
  await server.client.schedule
    .getHandle(name)
    .update(({ state }) => ({ ...options, state }))
    .catch((error: unknown) => Promise.reject(refused(error)));
  return 'updated';
});

/** The server's own objections are about the times: what else could be wrong was looked at before. */
function refused(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || !/INVALID_ARGUMENT/.test(cause.message)) return error;
  return new CliError('the Temporal server does not accept this schedule', EXIT.usage, [], { cause });
}

async function tell(server: Server, name: string, what: Put, terminal: Terminal): Promise<number> {
  const { next, paused } = await describeSchedule(server, name);
  terminal.json({ name, what, paused, next });
  const told = {
    created: `${name} is scheduled`,
    updated: `${name} has its new schedule`,
    unchanged: `${name} is scheduled like this already; nothing was changed`,
  };
  const first = next[0] === undefined ? 'no start is planned' : `next start ${next[0]}`;
  terminal.line(`${told[what]}; ${paused ? `it is paused: assay schedule resume ${name}` : first}`);
  if (what === 'created') terminal.aside(`start it now: assay schedule trigger ${name}`);
  return EXIT.ok;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { withServerOpen, type Server, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { describeSchedule } from './found.js';

type Options = CommonOptions & ServerOptions;

/** A command with one schedule's name. The work says what it did, for people and for scripts. */
function onSchedule<More extends Options>(
  examples: readonly string[],
  options: (command: Command) => Command,
  work: (server: Server, name: string, options: More) => Promise<Done>,
): CommandModule {
  return {
    define: (command) => {
      options(
        withExamples(withServer(command), examples).argument(
          '<name>',
          'of the schedule: the `name` in its config',
        ),
      ).action(
        action<More>(([name = ''], given, terminal) =>
          withServerOpen(given, async (server) => tell(name, await work(server, name, given), terminal)),
        ),
      );
    },
  };
}

interface Done {
  readonly words: string;
  readonly facts?: object;
}

function tell(name: string, { words, facts }: Done, terminal: Terminal): number {
  terminal.json({ name, ...facts });
  terminal.line(words);
  return EXIT.ok;
}

const noOptions = (command: Command): Command => command;

/** `assay schedule pause NAME --note …` */
export const pauseCommand = onSchedule<Options & { readonly note: string }>(
  ['assay schedule pause catalogue --note "bad feed since Monday"'],
  (command) => command.requiredOption('--note <text>', 'why; `describe` shows it'),
  async (server, name, { note }) => {
    await describeSchedule(server, name);
    await server.client.schedule.getHandle(name).pause(note);
    return {
      words: `${name} is paused; go on with: assay schedule resume ${name}`,
      facts: { paused: true, note },
    };
  },
);

/** `assay schedule resume NAME` */
export const resumeCommand = onSchedule<Options & { readonly note?: string }>(
  ['assay schedule resume catalogue'],
  (command) => command.option('--note <text>', 'why; `describe` shows it'),
  async (server, name, { note = 'resumed' }) => {
    await describeSchedule(server, name);
    await server.client.schedule.getHandle(name).unpause(note);
    const { next } = await describeSchedule(server, name);
    return {
      words: `${name} goes on; next start ${next[0] ?? 'none'}`,
      facts: { paused: false, note, next },
    };
  },
);

const SEEN_WITHIN_MS = 10_000;

/** `assay schedule trigger NAME` */
export const triggerCommand = onSchedule<Options>(
  ['assay schedule trigger catalogue'],
  noOptions,
  async (server, name) => {
    const before = await describeSchedule(server, name);
    // By its own policy: only then does the firing learn what the last one came to.
    await server.client.schedule.getHandle(name).trigger(before.overlap);
    for (const end = Date.now() + SEEN_WITHIN_MS; Date.now() < end; await sleep(100)) {
      const now = await describeSchedule(server, name);
      const [firing] = now.firings;
      if (firing && now.started > before.started)
        return {
          words: `started ${firing.id}; follow it: assay watch ${firing.id}`,
          facts: { firing: firing.id },
        };
      if (now.skippedByOverlap > before.skippedByOverlap) break;
    }
    const { running } = await describeSchedule(server, name);
    const message =
      running.length > 0
        ? `${name} is still under way, and its overlap policy lets nothing start beside it: ${running.join(', ')}`
        : `${name} has not started within ${SEEN_WITHIN_MS / 1000} s`;
    throw new CliError(message, EXIT.failed, [`assay schedule describe ${name}`]);
  },
);

interface BackfillOptions extends Options {
  readonly from: Date;
  readonly to: Date;
}

/** `assay schedule backfill NAME --from --to` */
export const backfillCommand = onSchedule<BackfillOptions>(
  ['assay schedule backfill catalogue --from 2026-11-20 --to 2026-11-24T12:00Z'],
  (command) =>
    command
      .requiredOption('--from <time>', 'ISO 8601; a date is its beginning in UTC', time)
      .requiredOption('--to <time>', 'ISO 8601', time),
  async (server, name, { from, to }) => {
    if (from >= to) throw new CliError('--from must be before --to', EXIT.usage);
    await describeSchedule(server, name);
    // One after the other: each compares itself with the one before.
    await server.client.schedule.getHandle(name).backfill({ start: from, end: to, overlap: 'BUFFER_ALL' });
    const range = { from: from.toISOString(), to: to.toISOString() };
    return {
      words: `${name} makes up for its starts from ${range.from} to ${range.to}; see: assay schedule describe ${name}`,
      facts: range,
    };
  },
);

function time(text: string): Date {
  const found = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && Number.isFinite(found.getTime())) return found;
  throw new InvalidArgumentError('expected a time such as 2026-11-24 or 2026-11-24T12:00Z.');
}

/** `assay schedule delete NAME` */
export const deleteCommand = onSchedule<Options>(
  ['assay schedule delete catalogue'],
  noOptions,
  async (server, name) => {
    const { running } = await describeSchedule(server, name);
    await server.client.schedule.getHandle(name).delete();
    const left = running.length === 0 ? '' : `; what it has started goes on: ${running.join(', ')}`;
    return { words: `${name} is not scheduled any more${left}`, facts: { deleted: true, running } };
  },
);

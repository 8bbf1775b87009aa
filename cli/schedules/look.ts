import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { duration, instant } from '../../report/format.js';
import { withServerOpen, type ServerOptions } from '../server.js';
import { factLines, prose, tableLines } from '../table.js';
import { plainText, type CommonOptions, type Terminal } from '../terminal.js';
import { describeSchedule, firingOf, listSchedules, type DescribedSchedule, type Firing } from './found.js';

/** `assay schedule list` */
export const listCommand: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay schedule list', 'assay schedule list --json']).action(
      action<CommonOptions & ServerOptions>((_, options, terminal) =>
        withServerOpen(options, async (server) => {
          const found = (await listSchedules(server)).map(({ scheduleId, state, info }) => ({
            name: scheduleId,
            paused: state.paused,
            note: state.note ?? null,
            next: info.nextActionTimes[0]?.toISOString() ?? null,
            last: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
          }));
          terminal.json(found);
          if (found.length === 0)
            terminal.line(
              prose('There is no schedule yet. Make one: assay schedule create assay.yaml', terminal),
            );
          else tellList(found, terminal);
          return EXIT.ok;
        }),
      ),
    );
  },
};

function tellList(
  found: readonly { name: string; paused: boolean; next: string | null; last: string | null }[],
  terminal: Terminal,
): void {
  const time = (text: string | null): string => (text === null ? '' : instant(Date.parse(text)));
  const rows = found.map(({ name, paused, next, last }) => [
    name,
    paused ? 'paused' : 'active',
    paused ? '' : time(next),
    time(last),
  ]);
  const headings = ['schedule', 'state', 'next start', 'last start'].map((head) => ({ head }));
  for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
}

/** `assay schedule describe NAME` */
export const describeCommand: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay schedule describe catalogue'])
      .argument('<name>', 'of the schedule: the `name` in its config')
      .action(
        action<CommonOptions & ServerOptions>(([name = ''], options, terminal) =>
          withServerOpen(options, async (server) => {
            const found = await describeSchedule(server, name);
            const firings = await Promise.all(found.firings.map((one) => firingOf(server, one)));
            const { version: _, ...told } = found;
            terminal.json({ ...told, firings });
            tell(found, firings, terminal);
            return EXIT.ok;
          }),
        ),
      );
  },
};

function tell(found: DescribedSchedule, firings: readonly Firing[], terminal: Terminal): void {
  const note = found.note === null ? '' : `: ${plainText(found.note)}`;
  const facts: [string, string][] = [
    ['state', `${found.paused ? 'paused' : 'active'}${note}`],
    ['does', found.does === 'adapt' ? 'adapts the champion to new rows' : 'runs all anew'],
    ['starts', found.when],
    ...(found.paused ? [] : [['next', found.next.slice(0, 3).join(', ')] as [string, string]]),
    ['overlap', found.overlap.toLowerCase().replaceAll('_', ' ')],
    ['catch-up window', duration(found.catchUpWindowMs)],
    ['pause on failure', found.pauseOnFailure ? 'yes' : 'no'],
    [
      'started',
      `${found.started} times; ${found.skippedByOverlap} skipped by overlap, ${found.missed} missed`,
    ],
    ...found.running.map((id): [string, string] => ['running', id]),
  ];
  terminal.line(terminal.colors.bold(found.name));
  for (const line of factLines(facts, terminal)) terminal.line(line);
  if (firings.length === 0) return;
  terminal.line();
  const headings = ['scheduled for', 'state', 'found', 'run'].map((head) => ({ head }));
  const rows = firings.map(({ scheduledAt, status, found: words, runId }) => [
    instant(Date.parse(scheduledAt)),
    status,
    words ?? '',
    runId ?? '',
  ]);
  for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
}

import { withCommon, withExamples, type CommandModule } from '../command.js';
import {
  backfillCommand,
  deleteCommand,
  pauseCommand,
  resumeCommand,
  triggerCommand,
} from '../schedules/act.js';
import { describeCommand, listCommand } from '../schedules/look.js';
import { createCommand, updateCommand } from '../schedules/put.js';

/** What a person does with schedules, one line each. */
const ACTIONS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly module: CommandModule;
}[] = [
  { name: 'create', summary: 'schedules the runs that a config describes', module: createCommand },
  { name: 'update', summary: 'gives a schedule what its config says now', module: updateCommand },
  { name: 'list', summary: 'every schedule, its next and its last start', module: listCommand },
  { name: 'describe', summary: 'one schedule, and what its last starts came to', module: describeCommand },
  { name: 'pause', summary: 'starts nothing until it is resumed', module: pauseCommand },
  { name: 'resume', summary: 'goes on', module: resumeCommand },
  { name: 'trigger', summary: 'starts it now', module: triggerCommand },
  { name: 'backfill', summary: 'makes up for the starts of a range of time', module: backfillCommand },
  { name: 'delete', summary: 'removes it; its runs stay', module: deleteCommand },
];

/** `assay schedule create | update | list | describe | pause | resume | trigger | backfill | delete` */
export const schedule: CommandModule = {
  define: (command) => {
    // The actions have options of the same names.
    command.enablePositionalOptions().configureHelp({ minWidthToWrap: 20 });
    withExamples(command, [
      'assay schedule create assay.yaml',
      'assay schedule describe catalogue',
      'assay schedule pause catalogue --note "bad feed since Monday"',
    ]);
    for (const { name, summary, module } of ACTIONS) {
      module.define(withCommon(command.command(name).description(summary)));
    }
  },
};

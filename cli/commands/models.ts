import { withCommon, withExamples, type CommandModule } from '../command.js';
import { cardCommand, historyCommand } from '../models/history.js';
import { listCommand, showCommand } from '../models/list.js';
import { promoteCommand, rollbackCommand } from '../models/move.js';

/** What a person does with registered models. */
const ACTIONS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly module: CommandModule;
}[] = [
  { name: 'list', summary: 'models and their versions', module: listCommand },
  { name: 'show', summary: 'one version: metrics, gate, what it was made of', module: showCommand },
  { name: 'promote', summary: 'makes a version the champion', module: promoteCommand },
  {
    name: 'rollback',
    summary: 'makes the champion before the present one champion again',
    module: rollbackCommand,
  },
  { name: 'history', summary: 'who made which version champion, when and why', module: historyCommand },
  { name: 'card', summary: 'the model card (Markdown)', module: cardCommand },
];

/** `assay models list | show | promote | rollback | history | card` */
export const models: CommandModule = {
  define: (command) => {
    // The actions have options of the same names.
    command.enablePositionalOptions().configureHelp({ minWidthToWrap: 20 });
    withExamples(command, [
      'assay models list',
      'assay models show catalogue@3',
      'assay models promote catalogue@3 --why "…"',
      'assay models rollback catalogue --why "…"',
    ]);
    for (const { name, summary, module } of ACTIONS) {
      module.define(withCommon(command.command(name).description(summary)));
    }
  },
};

import { forgetCommand } from '../artifacts/forget.js';
import { lineageCommand } from '../artifacts/lineage.js';
import { listCommand, showCommand } from '../artifacts/list.js';
import { pruneCommand } from '../artifacts/prune.js';
import { verifyCommand } from '../artifacts/verify.js';
import { withCommon, withExamples, type CommandModule } from '../command.js';

/** What a person does with the store, one file each. */
const ACTIONS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly module: CommandModule;
}[] = [
  { name: 'list', summary: 'what the store holds', module: listCommand },
  { name: 'show', summary: 'one artifact: columns, parts, and what it is for', module: showCommand },
  {
    name: 'lineage',
    summary: 'what it was made of, what was made of it, who saw a sample',
    module: lineageCommand,
  },
  { name: 'verify', summary: 'compares artifacts with their hashes', module: verifyCommand },
  {
    name: 'prune',
    summary: 'removes what nothing refers to; only says what, without --yes',
    module: pruneCommand,
  },
  { name: 'forget', summary: 'removes a sample from everything that holds it', module: forgetCommand },
];

/** `assay artifacts list | show | lineage | verify | prune | forget` */
export const artifacts: CommandModule = {
  define: (command) => {
    // The actions have options of the same names.
    command.enablePositionalOptions().configureHelp({ minWidthToWrap: 20 });
    withExamples(command, [
      'assay artifacts list --kind model',
      'assay artifacts lineage --sample SKU-1234',
      'assay artifacts verify --all',
      'assay artifacts prune --older-than 30d',
    ]);
    for (const { name, summary, module } of ACTIONS) {
      module.define(withCommon(command.command(name).description(summary)));
    }
  },
};

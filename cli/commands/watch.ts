import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { untilInterrupted } from '../follow.js';
import { findRun } from '../runClient.js';
import { withServerOpen, type ServerOptions } from '../server.js';
import type { CommonOptions } from '../terminal.js';
import { watchToEnd } from '../watching.js';

/** `assay watch [RUN]` */
export const watch: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay watch',
      'assay watch catalogue',
      'assay watch train/catalogue/20261124-091203 --json',
    ])
      .argument('[run]', 'id, end of an id, or name; the newest run without it')
      .action(
        action<CommonOptions & ServerOptions>(([wanted], options, terminal) =>
          untilInterrupted((signal) =>
            withServerOpen(options, async (server) =>
              watchToEnd(server, await findRun(server, wanted), directories(), terminal, signal),
            ),
          ),
        ),
      );
  },
};

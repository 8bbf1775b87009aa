import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { describeRun, findRun } from '../runClient.js';
import { withServerOpen, type ServerOptions } from '../server.js';
import type { CommonOptions } from '../terminal.js';

/** `assay cancel [RUN]` */
export const cancel: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay cancel catalogue'])
      .argument('<run>', 'id, end of an id, or name (then the newest of that name)')
      .action(
        action<CommonOptions & ServerOptions>(([wanted], options, terminal) =>
          withServerOpen(options, async (server) => {
            const runId = await findRun(server, wanted);
            const { isOpen, closed } = await describeRun(server, runId);
            if (!isOpen)
              throw new CliError(`${runId} has ended already: ${closed}`, EXIT.failed, [
                `assay show ${runId}`,
              ]);
            await server.client.workflow.getHandle(runId).cancel();
            terminal.json({ runId, cancelling: true });
            terminal.line(`${runId} is asked to stop; what it finished stays in the cache`);
            return EXIT.ok;
          }),
        ),
      );
  },
};

import { userInfo } from 'node:os';
import { APPROVE_UPDATE, CONTINUE_UPDATE, STOP_UPDATE } from '../../contracts/names.js';
import type { Approval, ContinueLoop, StopLoop } from '../../contracts/run.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { sendUpdate } from '../resolving.js';
import { findRun } from '../runClient.js';
import { withServerOpen, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { positive } from './worker.js';

interface SteerOptions extends CommonOptions, ServerOptions {
  readonly by?: string;
  readonly note?: string;
}

const RUNNING = "AssayStatus = 'running'";
const NEWEST_RUNNING = 'id, end of an id, or name; the newest that runs without it';

/** `assay stop [RUN]` */
export const stop: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay stop', 'assay stop catalogue --note "good enough"'])
      .argument('[run]', NEWEST_RUNNING)
      .option('--note <text>', 'why; told in the report')
      .option('--by <name>', 'who says so (else your user name)')
      .action(
        action<SteerOptions>(([run], options, terminal) => {
          const content: StopLoop = speaker(options);
          return steer(run, RUNNING, STOP_UPDATE, content, options, terminal);
        }),
      );
  },
};

/** `assay continue [RUN]` */
export const continueLoop: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay continue', 'assay continue catalogue --rounds 2'])
      .argument('[run]', NEWEST_RUNNING)
      .option(
        '--rounds <count>',
        'after the one that is under way, whatever maxRounds and patience say',
        positive,
        1,
      )
      .option('--note <text>', 'why')
      .option('--by <name>', 'who says so (else your user name)')
      .action(
        action<SteerOptions & { readonly rounds: number }>(([run], options, terminal) => {
          const content: ContinueLoop = { rounds: options.rounds, ...speaker(options) };
          return steer(run, RUNNING, CONTINUE_UPDATE, content, options, terminal);
        }),
      );
  },
};

/** `assay approve [RUN]` */
export const approve: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay approve catalogue --note "checked the weak slices"',
      'assay approve catalogue --refuse --note "wait for the next data"',
    ])
      .argument('[run]', 'id, end of an id, or name; the newest that waits without it')
      .option('--refuse', 'the model is not to be promoted; the run ends in order')
      .option('--note <text>', 'why; told in the report')
      .option('--by <name>', 'who says so (else your user name)')
      .action(
        action<SteerOptions & { readonly refuse?: boolean }>(([run], options, terminal) => {
          const content: Approval = { approved: options.refuse !== true, ...speaker(options) };
          return steer(run, "AssayStatus = 'waiting'", APPROVE_UPDATE, content, options, terminal);
        }),
      );
  },
};

const speaker = ({ by, note }: SteerOptions): { by: string; note?: string } => ({
  by: by ?? userInfo().username,
  ...(note === undefined ? {} : { note }),
});

function steer(
  wanted: string | undefined,
  newest: string,
  update: string,
  content: object,
  options: SteerOptions,
  terminal: Terminal,
): Promise<number> {
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted, newest);
    const answer = await sendUpdate(server, runId, update, content);
    terminal.json({ runId, ...content, answer });
    terminal.line(`${runId}: ${answer}`);
    return EXIT.ok;
  });
}

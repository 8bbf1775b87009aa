import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { BLOCKED_RUN, resolveStage, type ResolveOptions } from '../resolving.js';

/** `assay skip [RUN]` */
export const skip: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay skip catalogue --stage crossValidate'])
      .argument('[run]', BLOCKED_RUN)
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
      .argument('[run]', BLOCKED_RUN)
      .option('--stage <path>', 'the blocked stage (found out where left out)')
      .action(
        action<ResolveOptions>(([run], options, terminal) => resolveStage('abort', run, options, terminal)),
      );
  },
};

import { retryAll } from '../bulkRetry.js';
import { action, collect, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { resolveStage } from '../resolving.js';
import { planBlocked, retryFrom, type RetryOptions } from '../retrying.js';
import type { Terminal } from '../terminal.js';

/** `assay retry [RUN]` */
export const retry: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay retry catalogue',
      'assay retry catalogue --stage clean --set clean.minTextLength=3',
      'assay retry catalogue --set features.words.minDocumentFrequency=3 --from featurize --dry-run',
      'assay retry catalogue --from loop.1',
      `assay retry --query "AssayStage='featurize'" --dry-run`,
    ])
      .argument(
        '[run]',
        'id, end of an id, or name; without it the newest blocked run, with --from the newest',
      )
      .option('--stage <path>', 'the blocked stage (found out where left out)')
      .option(
        '--from <stage>',
        'start a successor: what comes before is taken from the cache, this stage and all later ones run anew',
      )
      .option(
        '-s, --set <path=value>',
        'a new setting for the rest of the run, or for the successor; may be given several times',
        collect,
        [],
      )
      .option('--dry-run', 'list what would run again and why, and start nothing')
      .option('--query <query>', "retry every blocked run that fits, in Temporal's list filter")
      .option('-y, --yes', 'with --query: do not ask')
      .option('--keep', 'with --from: leave a blocked run waiting (else its successor aborts it)')
      .action(action<AllOptions>(retryRun));
  },
};

interface AllOptions extends RetryOptions {
  readonly query?: string;
  readonly yes?: boolean;
}

function retryRun([run]: readonly string[], options: AllOptions, terminal: Terminal): Promise<number> {
  const { from, stage, keep, dryRun, query } = options;
  if (query !== undefined) {
    if ([run, from, stage].some((one) => one !== undefined))
      throw new CliError(
        '--query is for every run that fits, at its blocked stage: no RUN, --from, --stage',
        EXIT.usage,
      );
    return retryAll(query, options, terminal);
  }
  if (from !== undefined && stage !== undefined)
    throw new CliError('--stage is the blocked stage, --from starts a successor: give one', EXIT.usage);
  if (keep && from === undefined) throw new CliError('--keep goes with --from', EXIT.usage);
  if (from !== undefined) return retryFrom(run, from, options, terminal);
  if (dryRun) return planBlocked(run, options, terminal);
  return resolveStage('retry', run, options, terminal);
}

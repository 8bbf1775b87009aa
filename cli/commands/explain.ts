import { explainSample } from '../../activities/explainSample.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { EXIT } from '../exit.js';
import { explanationLines } from '../explainText.js';
import { wholeNumber } from '../numbers.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { tracedRun } from '../tracedRun.js';

interface ExplainOptions extends CommonOptions, ServerOptions {
  readonly neighbours: string;
  readonly class?: string;
}

/** `assay explain RUN SAMPLE` */
export const explain: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay explain catalogue sku-104223',
      'assay explain catalogue sku-104223 --class Lighting',
      'assay explain train/catalogue/20261124-091203 sku-104223 --json',
    ])
      .argument('<run>', 'id, end of an id, or name')
      .argument('<sample>', 'id of a sample, kept or put aside')
      .option('--neighbours <n>', 'how many to list', '8')
      .option('--class <name>', 'why this class or why not; else the one that the final model predicts')
      .action(action<ExplainOptions>(explainOne));
  },
};

async function explainOne(
  [run = '', sample = '']: readonly string[],
  options: ExplainOptions,
  terminal: Terminal,
): Promise<number> {
  const neighbours = wholeNumber('--neighbours', options.neighbours, 0);
  const trace = await tracedRun(directories(), run, options);
  const found = await explainSample(trace, sample, {
    neighbours,
    ...(options.class === undefined ? {} : { toward: options.class }),
    engine: async () =>
      (await import('../../engine/createEngine.js')).createEngine({ backend: 'wasm', threads: 1 }),
  });
  terminal.json(found);
  for (const line of explanationLines(found, terminal)) terminal.line(line);
  return EXIT.ok;
}

import { InvalidArgumentError } from 'commander';
import { action, withExamples, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { startServices } from '../services.js';
import { factLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface DevOptions extends CommonOptions {
  readonly port: number;
  readonly uiPort: number;
}

/** `assay dev` */
export const dev: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay dev', 'assay dev --port 7300 --ui-port 8300'])
      .option('--port <number>', 'of Temporal', portNumber, 7233)
      .option('--ui-port <number>', "of Temporal's UI", portNumber, 8233)
      .action(action<DevOptions>((_, options, terminal) => serve(options, terminal)));
  },
};

/** An option that is a port. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('expected a port, 1 to 65535.');
  return port;
}

async function serve({ port, uiPort }: DevOptions, terminal: Terminal): Promise<number> {
  const where = directories();
  return untilInterrupted(async (signal) => {
    const services = await startServices(where, { port, uiPort }, terminal);
    terminal.json({
      ready: true,
      address: services.address,
      ui: services.uiUrl,
      metrics: services.metricsUrl,
      store: where.storeUri,
    });
    const facts: [string, string][] = [
      ['Temporal', services.address],
      ['UI', services.uiUrl],
      ['metrics', services.metricsUrl ?? 'not known'],
      ['store', where.storeUri],
      ['logs', where.logs],
    ];
    for (const line of factLines(facts, terminal)) terminal.line(line);
    terminal.aside('Ready. In another terminal: assay run assay.yaml --watch');
    terminal.aside('Ctrl-C stops it; runs go on where they were when it starts again.');
    const interrupted = new Promise<'interrupted'>((resolve) => {
      if (signal.aborted) resolve('interrupted');
      signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
    });
    const how = await Promise.race([interrupted, services.ended.then(() => 'ended' as const)]);
    await services.stop();
    if (how === 'ended')
      throw new CliError('the Temporal server ended by itself', EXIT.failed, [
        'assay logs --level warn',
        'assay doctor',
      ]);
    return EXIT.ok;
  });
}

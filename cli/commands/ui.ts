import { InvalidArgumentError } from 'commander';
import { startUi } from '../../ui/server.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { openInBrowser } from '../openInBrowser.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { openUiSource } from '../uiSource.js';

const PORT = 8288;

interface UiOptions extends CommonOptions, ServerOptions {
  readonly port: number;
  readonly host: string;
  readonly open?: boolean;
}

/** `assay ui` */
export const ui: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay ui', 'assay ui --open', 'assay ui --port 9000'])
      .option('-p, --port <port>', 'to listen at; 0: any free one', portNumber, PORT)
      .option('--host <address>', 'to listen on; whoever reaches it may read all runs', '127.0.0.1')
      .option('--open', 'open it in the browser')
      .action(action<UiOptions>(serve));
  },
};

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('expected a whole number from 0 to 65535.');
  return port;
}

async function serve(_: readonly string[], options: UiOptions, terminal: Terminal): Promise<number> {
  const { host, port } = options;
  const opened = await openUiSource(directories(), options);
  const served = await startUi(opened.source, { host, port }).catch((cause: unknown) => {
    throw new CliError(
      `can't listen at ${host}:${port}: ${String(cause)}`,
      EXIT.failed,
      ['assay ui --port 0'],
      { cause },
    );
  });
  terminal.json({ url: served.url });
  terminal.line(`${served.url}    (Ctrl-C ends it; runs go on)`);
  if (options.open) openInBrowser(served.url);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await served.close();
  await opened.close();
  return EXIT.ok;
}

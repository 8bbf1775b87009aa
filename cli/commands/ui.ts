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
  readonly temporalUi?: string;
}

/** `assay ui` */
export const ui: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay ui',
      'assay ui --open',
      'assay ui --temporal-ui https://temporal.example.com',
    ])
      .option('-p, --port <port>', 'to listen at; 0: any free one', portNumber, PORT)
      .option('--host <address>', 'to listen on; whoever reaches it may read all runs', '127.0.0.1')
      .option(
        '--temporal-ui <url>',
        "of Temporal's own UI, for links (else TEMPORAL_UI_URL, else that of `assay dev` here)",
        webAddress,
      )
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

function webAddress(text: string): string {
  if (!/^https?:\/\/[^\s/]+/i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('expected an address like https://temporal.example.com.');
  return text;
}

/** What a variable says, checked as an option is. */
function temporalUiOf({ TEMPORAL_UI_URL: given = '' }: NodeJS.ProcessEnv): string | undefined {
  if (given === '') return undefined;
  try {
    return webAddress(given);
  } catch (cause) {
    throw new CliError(`TEMPORAL_UI_URL: found "${given}", expected an address`, EXIT.usage, [], { cause });
  }
}

async function serve(_: readonly string[], options: UiOptions, terminal: Terminal): Promise<number> {
  const { host, port } = options;
  const temporalUi = options.temporalUi ?? temporalUiOf(process.env);
  const opened = await openUiSource(directories(), {
    ...options,
    ...(temporalUi === undefined ? {} : { temporalUi }),
  });
  const served = await startUi(opened.source, { host, port }).catch((cause: unknown) => {
    throw new CliError(
      `can't listen at ${host}:${port}: ${String(cause)}`,
      EXIT.failed,
      ['assay ui --port 0'],
      { cause },
    );
  });
  terminal.json({ url: served.url });
  terminal.line(terminal.isQuiet ? served.url : `${served.url}    (Ctrl-C ends it; runs go on)`);
  if (options.open) openInBrowser(served.url);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await served.close();
  await opened.close();
  return EXIT.ok;
}

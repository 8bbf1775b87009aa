import { codecKeys } from '../../infra/temporal/codecKeys.js';
import { openCodecServer } from '../../infra/temporal/codecServer.js';
import { readDevState } from '../../infra/devState.js';
import { action, collect, withExamples, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { portNumber } from './dev.js';

interface CodecServerOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly uiOrigin: readonly string[];
}

/** `assay codec-server` */
export const codecServer: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay codec-server --ui-origin https://temporal.internal',
      'ASSAY_CODEC_KEYS_FILE=/run/secrets/codec assay codec-server',
    ])
      .option('--port <number>', 'where it listens', portNumber, 8234)
      .option(
        '--host <name>',
        'of another interface than loopback; whoever reaches it reads everything',
        '127.0.0.1',
      )
      .option(
        '--ui-origin <url>',
        "of Temporal's UI, whose pages may ask; may be given several times (else the one that `assay dev` runs here)",
        collect,
        [],
      )
      .action(action<CodecServerOptions>((_, options, terminal) => serve(options, terminal)));
  },
};

async function serve({ port, host, uiOrigin }: CodecServerOptions, terminal: Terminal): Promise<number> {
  const keys = codecKeys(process.env);
  if (!keys)
    throw new CliError(
      'there is no key: set ASSAY_CODEC_KEYS or ASSAY_CODEC_KEYS_FILE as for the workers',
      EXIT.usage,
      ['ASSAY_CODEC_KEYS="2026-11:$(openssl rand -base64 32)" assay codec-server'],
    );
  const origins = uiOrigin.length > 0 ? uiOrigin.map(originOf) : originsOfDev();
  return untilInterrupted(async (signal) => {
    const server = await openCodecServer({ keys, origins, host, port });
    terminal.json({ ready: true, url: server.url, origins, keys: keys.map(({ id }) => id) });
    terminal.line(`opens what is encrypted with ${keys.map(({ id }) => id).join(', ')} at ${server.url}`);
    terminal.aside(`for pages of ${origins.join(', ')}; in the UI: the glasses, "Remote Codec Endpoint"`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    server.close();
    return EXIT.ok;
  });
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch (cause) {
    throw new CliError(
      `--ui-origin: expected a URL such as http://127.0.0.1:8233, got "${url}"`,
      EXIT.usage,
      [],
      { cause },
    );
  }
}

/** The UI may be opened by either name. */
function originsOfDev(): string[] {
  const { uiUrl = 'http://127.0.0.1:8233' } = readDevState(directories().root) ?? {};
  const { origin, port } = new URL(uiUrl);
  return [origin, `http://localhost:${port}`];
}

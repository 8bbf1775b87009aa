import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { ConfigError } from '../../contracts/errors.js';
import type { ModelVersion } from '../../contracts/registry.js';
import { apiKeys } from '../../serving/apiKeys.js';
import { createServer } from '../../serving/http.js';
import { LiveModel, type Followed } from '../../serving/liveModel.js';
import { ServeMetrics } from '../../serving/serveMetrics.js';
import { loadServedModel } from '../../serving/servedModel.js';
import { createShadow } from '../../serving/shadow.js';
import { rateLimit } from '../../serving/tokenBucket.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { chooseModel, MODEL_HELP, openModels, type OpenedModels } from '../models/chosen.js';
import { modelSource } from '../models/engine.js';
import { weightedModels, withEnsemble, type EnsembleOptions } from '../models/ensemble.js';
import { number, wholeNumber } from '../numbers.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ServeOptions extends CommonOptions, EnsembleOptions {
  readonly host: string;
  readonly port: string;
  readonly apiKeys?: string;
  readonly rateLimit: string;
  readonly bodyLimit: string;
  readonly timeout: string;
  readonly maxRows: string;
  readonly poll: string;
  readonly shadow?: string;
  readonly shadowShare: string;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** `assay serve MODEL` */
export const serve: CommandModule = {
  define: (command) => {
    withEnsemble(
      withExamples(command, [
        'assay serve catalogue',
        'assay serve catalogue --shadow catalogue@7 --shadow-share 0.1',
        'assay serve catalogue --weight 0.7 --with other@2=0.3',
        'ASSAY_API_KEYS=… assay serve catalogue --host 0.0.0.0 --rate-limit 200',
      ]),
    )
      .argument(
        '<model>',
        `${MODEL_HELP}; an alias is followed: a promotion swaps the model without a failed request`,
      )
      .option('--host <address>', 'where to listen; others than loopback need API keys', '127.0.0.1')
      .option('--port <n>', '0: any free one', '8080')
      .option('--api-keys <file>', 'a key a line, beside ASSAY_API_KEYS (comma-separated)')
      .option('--rate-limit <n>', 'requests a second of one key (else address); 0: no limit', '0')
      .option('--body-limit <bytes>', 'largest request', String(1 << 20))
      .option('--timeout <seconds>', 'that a request may take to arrive', '10')
      .option('--max-rows <n>', 'of a batch', '1000')
      .option('--poll <ms>', 'how often aliases are looked at', '1000')
      .option(
        '--shadow <model>',
        'a challenger that answers too, unheard: how often it agrees is in /metrics',
      )
      .option('--shadow-share <share>', 'of the requests, 0 to 1', '1')
      .action(action<ServeOptions>(serveModel));
  },
};

async function serveModel(
  [wanted = '']: readonly string[],
  options: ServeOptions,
  terminal: Terminal,
): Promise<number> {
  const keys = apiKeys(
    process.env['ASSAY_API_KEYS'],
    options.apiKeys && readFileSync(options.apiKeys, 'utf8'),
  );
  if (keys.count === 0 && !LOOPBACK.includes(options.host)) {
    throw new ConfigError(
      `--host ${options.host}: others could ask without a key; set ASSAY_API_KEYS or --api-keys FILE (keys of at least 16 characters)`,
    );
  }
  const opened = await openModels();
  const members = weightedModels(wanted, options);
  const live = await openLive(
    opened,
    await Promise.all(members.map(({ model, weight }) => follow(opened, model, weight))),
    terminal,
  );
  const challenger =
    options.shadow === undefined
      ? undefined
      : await openLive(opened, [await follow(opened, options.shadow, 1)], terminal);
  const metrics = new ServeMetrics();
  const app = createServer({
    ...{ keys, metrics, limit: rateLimit(number('--rate-limit', options.rateLimit, 0, Infinity)) },
    answerer: () => live.current,
    swaps: () => live.swaps,
    otherColumns: tableColumns(live),
    bodyLimitBytes: wholeNumber('--body-limit', options.bodyLimit, 1),
    requestTimeoutMs: 1000 * number('--timeout', options.timeout, 0.001, 3600),
    mostRows: wholeNumber('--max-rows', options.maxRows, 1),
    nowMs: () => performance.now(),
    ...(challenger
      ? {
          shadow: createShadow({
            challenger: () => challenger.current,
            share: number('--shadow-share', options.shadowShare, 0, 1),
            draw: Math.random,
            metrics,
          }),
        }
      : {}),
  });
  const polling = setInterval(
    () => void Promise.all([live.refresh(), challenger?.refresh()]),
    wholeNumber('--poll', options.poll, 10),
  );
  try {
    const address = await app.listen({ host: options.host, port: wholeNumber('--port', options.port, 0) });
    terminal.json({ address, model: live.current.name });
    terminal.line(`${live.current.name} answers at ${address}/v1/predict (${address}/openapi.json says how)`);
    await untilInterrupted((signal) => stopped(signal));
    return EXIT.ok;
  } finally {
    clearInterval(polling);
    await app.close();
  }
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

async function follow(opened: OpenedModels, wanted: string, weight: number): Promise<Followed> {
  const { model, alias } = await chooseModel(opened, wanted);
  return { version: model, weight, ...(alias === undefined ? {} : { alias }) };
}

const openLive = (
  opened: OpenedModels,
  followed: readonly Followed[],
  terminal: Terminal,
): Promise<LiveModel> =>
  LiveModel.open({
    registry: opened.registry,
    load: (version: ModelVersion) => loadServedModel(version, modelSource(opened.artifacts)),
    followed,
    tell: ({ from, to, error }) =>
      terminal.note(
        error === undefined
          ? `${from} → ${to}`
          : `${from} stays: ${to} can't be loaded: ${error instanceof Error ? error.message : String(error)}`,
      ),
  });

/** Columns of the training tables: ids, groups and targets may come with a row. */
function tableColumns({ options }: LiveModel): ReadonlySet<string> {
  return new Set(
    options.followed.flatMap(({ version: { columns } }) => {
      const { id, target, group, time, split, text, attributes, numeric, categorical } = columns;
      return [id, target, group, time, split, text, attributes, numeric, categorical]
        .flat()
        .filter((name) => name !== undefined);
    }),
  );
}

import { Connection, type ConnectionLike } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError } from '../../contracts/errors.js';
import { SEARCH_ATTRIBUTES } from '../../contracts/names.js';

export interface ConnectOptions {
  /** `host:port`; else TEMPORAL_ADDRESS, else the configuration file's, else localhost:7233. */
  readonly address?: string;
  /** Else TEMPORAL_NAMESPACE, else the configuration file's, else `default`. */
  readonly namespace?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

type ConnectionSettings = ReturnType<typeof loadClientConnectConfig>['connectionOptions'];

/** What every Temporal connection of Assay is made with: Temporal's standard environment configuration (TLS, API key, …). */
export function connectionSettings(options: ConnectOptions = {}): {
  readonly connectionOptions: ConnectionSettings & { readonly address: string };
  readonly namespace: string;
} {
  const environment = options.environment ?? process.env;
  // An empty variable is as good as none.
  const variables = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
  const config = loadClientConnectConfig({ overrideEnvVars: variables });
  const address = options.address ?? config.connectionOptions.address ?? 'localhost:7233';
  return {
    connectionOptions: { ...config.connectionOptions, address },
    namespace: options.namespace ?? config.namespace ?? 'default',
  };
}

export interface TemporalConnection {
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
}

/**
 * Connects to a Temporal server.
 *
 * @throws ConfigError naming the address when nothing answers there
 */
export async function connect(
  options: ConnectOptions & { readonly timeoutMs?: number } = {},
): Promise<TemporalConnection> {
  const { connectionOptions, namespace } = connectionSettings(options);
  const { address } = connectionOptions;
  try {
    const connection = await Connection.connect({
      ...connectionOptions,
      connectTimeout: options.timeoutMs ?? 5_000,
    });
    return { connection, address, namespace };
  } catch (cause) {
    const advice =
      connectionOptions.tls === undefined || connectionOptions.tls === false
        ? 'start one with `assay dev`, or set TEMPORAL_ADDRESS'
        : 'TLS is on; look at TEMPORAL_ADDRESS, at the certificates (TEMPORAL_TLS_* or temporal.toml) and at the API key';
    throw new ConfigError(`no Temporal server answers at ${address}: ${advice}`, { cause });
  }
}

/** Temporal's IndexedValueType: number on the wire and name in the `temporal` CLI. */
const TYPES = { KEYWORD: [2, 'Keyword'], INT: [3, 'Int'], DOUBLE: [4, 'Double'] } as const;

const typeName = (number: number): string =>
  ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'][number] ??
  String(number);

/** What asks a server for search attributes. */
type Operator = Pick<ConnectionLike, 'operatorService'>;

/**
 * Makes sure that the namespace has Assay's search attributes: creates what is missing.
 *
 * @throws ConfigError with the command to type, where we may not create them or one has another type
 */
export async function ensureSearchAttributes(
  connection: Operator,
  namespace: string,
  timeoutMs = 15_000,
): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(
    missing.map((name) => [name, TYPES[SEARCH_ATTRIBUTES[name]][0]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    // Another process may have been faster; what counts is whether they are there.
    const stillMissing = await missingSearchAttributes(connection, namespace);
    if (stillMissing.length > 0) throw refusal(stillMissing, namespace, cause);
  }
  await untilThere(connection, namespace, timeoutMs);
}

type AttributeName = keyof typeof SEARCH_ATTRIBUTES;

/**
 * Assay's search attributes that the namespace doesn't have.
 *
 * @throws ConfigError where one has another type
 */
export async function missingSearchAttributes(
  connection: Operator,
  namespace: string,
): Promise<AttributeName[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(SEARCH_ATTRIBUTES) as AttributeName[];
  for (const name of names) {
    const found = customAttributes[name];
    const [number, word] = TYPES[SEARCH_ATTRIBUTES[name]];
    if (found !== undefined && Number(found) !== number) {
      throw new ConfigError(
        `search attribute ${name} of namespace ${namespace}: expected type ${word}, found type ${typeName(Number(found))}; ` +
          'use another namespace (TEMPORAL_NAMESPACE), or remove it with ' +
          `\`temporal operator search-attribute remove --namespace ${namespace} --name ${name}\``,
      );
    }
  }
  return names.filter((name) => customAttributes[name] === undefined);
}

/** What an operator types to create search attributes. */
export function creationCommand(missing: readonly AttributeName[], namespace: string): string {
  const pairs = missing.map((name) => `--name ${name} --type ${TYPES[SEARCH_ATTRIBUTES[name]][1]}`);
  return `temporal operator search-attribute create --namespace ${namespace} ${pairs.join(' ')}`;
}

function refusal(missing: readonly AttributeName[], namespace: string, cause: unknown): ConfigError {
  return new ConfigError(
    `namespace ${namespace} has no search attributes ${missing.join(', ')}, and they could not be created; ask an operator to type ` +
      `\`${creationCommand(missing, namespace)}\``,
    { cause },
  );
}

async function untilThere(connection: Operator, namespace: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const missing = await missingSearchAttributes(connection, namespace);
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw refusal(missing, namespace, undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

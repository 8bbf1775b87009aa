import { ConfigError } from '../contracts/errors.js';

/** Where a worker listens: loopback, unless a host is named. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[v6]:port`, or a port of 127.0.0.1.
 *
 * @param where named in the error
 * @throws ConfigError saying what was expected
 */
export function listenAddress(text: string, where: string): ListenAddress {
  const found = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^\s:]+):)?(?<port>\d{1,5})$/.exec(text.trim());
  const port = Number(found?.groups?.['port']);
  if (!found || port < 1 || port > 65_535) {
    throw new ConfigError(`${where}: expected host:port or a port, such as 127.0.0.1:9464, found "${text}"`);
  }
  return { host: found.groups?.['host'] ?? '127.0.0.1', port };
}

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Duckdb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** The library, loaded when it is first needed: it costs some 100 ms. */
export async function loadDuckdb(): Promise<typeof Duckdb> {
  return await import('@duckdb/node-api');
}

let shared: Promise<DuckDBInstance> | undefined;

/**
 * Runs `work` on a connection of its own to this process' in-memory database. One thread: the order of rows, and so the
 * bytes of what is written, must not depend on the machine.
 */
export async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** Like `withConnection`, for whoever closes it himself. */
export async function connect(): Promise<DuckDBConnection> {
  shared ??= createInstance();
  return (await shared).connect();
}

async function createInstance(): Promise<DuckDBInstance> {
  const { DuckDBInstance: Instance } = await loadDuckdb();
  return Instance.create(':memory:', {
    threads: '1',
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: join(tmpdir(), `assay-duckdb-${String(process.pid)}`),
  });
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL writes it. Only for what can't be bound, such as the target of COPY. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

import {
  creationCommand,
  ensureSearchAttributes,
  missingSearchAttributes,
} from '../infra/temporal/connect.js';
import { SEARCH_ATTRIBUTES } from '../contracts/names.js';
import { findTemporalExecutable } from '../infra/temporal/findServer.js';
import { messageOf, type Finding } from './finding.js';
import {
  openServer,
  queuesWithoutWorker,
  withServerOpen,
  workerCommand,
  type Server,
  type ServerOptions,
} from './server.js';

/** The executable that starts a Temporal server, the server itself, and what serves it. */
export const temporalFindings = async (options: ServerOptions): Promise<Finding[]> => [
  await executableFinding(),
  ...(await serverFindings(options)),
];

async function executableFinding(): Promise<Finding> {
  const name = 'Temporal CLI';
  try {
    const { path, from } = await findTemporalExecutable({ mayDownload: false });
    return { name, state: 'ok', found: `${path} (${from})` };
  } catch {
    return {
      name,
      state: 'optional',
      found: 'not here yet',
      mend: 'nothing to do: `assay dev` and `assay demo` fetch it (45 MB, once); or put `temporal` on the PATH',
      async fix(terminal) {
        const { path } = await findTemporalExecutable({ log: (line) => terminal.note(line) });
        return `fetched it: ${path}`;
      },
    };
  }
}

async function serverFindings(options: ServerOptions): Promise<Finding[]> {
  const name = 'Temporal server';
  let server: Server;
  try {
    server = await openServer(options);
  } catch (error) {
    const mend = 'assay dev starts one; assay demo needs none';
    return [{ name, state: 'optional', found: messageOf(error), mend }];
  }
  try {
    const found = `${server.address}, namespace ${server.namespace}`;
    return [
      { name, state: 'ok', found },
      await attributesFinding(server, options),
      await workersFinding(server),
    ];
  } finally {
    await server.close();
  }
}

async function workersFinding(server: Server): Promise<Finding> {
  const name = 'workers';
  const unserved = await queuesWithoutWorker(server, Date.now());
  const [first] = unserved;
  if (first === undefined) return { name, state: 'ok', found: 'both queues are served' };
  const found = `nobody serves ${unserved.join(', ')}`;
  return { name, state: 'optional', found, mend: workerCommand(first, server) };
}

async function attributesFinding({ client, namespace }: Server, options: ServerOptions): Promise<Finding> {
  const name = 'search attributes';
  let missing: Awaited<ReturnType<typeof missingSearchAttributes>>;
  try {
    missing = await missingSearchAttributes(client.connection, namespace);
  } catch (error) {
    return {
      name,
      state: 'missing',
      found: messageOf(error),
      mend: 'see the message; no worker starts there',
    };
  }
  if (missing.length === 0) return { name, state: 'ok', found: Object.keys(SEARCH_ATTRIBUTES).join(', ') };
  const command = creationCommand(missing, namespace);
  return {
    name,
    state: 'optional',
    found: `missing: ${missing.join(', ')}`,
    mend: `a worker creates them when it may; else: ${command}`,
    fix: () =>
      withServerOpen(options, async (server) => {
        await ensureSearchAttributes(server.client.connection, server.namespace);
        return `created ${missing.join(', ')} in namespace ${server.namespace}`;
      }),
  };
}

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { SEARCH_ATTRIBUTES } from '../contracts/names.js';
import { findOnPath, findTemporalExecutable } from '../infra/temporal/findServer.js';
import { openStore } from '../storage/open.js';
import { directories } from './directories.js';
import { engineFinding } from './engineFindings.js';
import { openServer, queuesWithoutWorker, workerCommand, type Server, type ServerOptions } from './server.js';

/** One thing that was looked at. `optional`: Assay works without it, with less. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'optional' | 'missing';
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
}

const NODE_AT_LEAST = [20, 19] as const;
const GIB = 2 ** 30;
const MEMORY_AT_LEAST_GIB = 2;

/** Looks at everything that Assay needs on this machine. */
export async function examine(options: ServerOptions): Promise<Finding[]> {
  const [temporal, store, python] = await Promise.all([
    temporalFindings(options),
    storeFinding(),
    pythonFinding(),
  ]);
  const engine = await engineFinding(); // alone, since it measures
  const others = [store, python, chromiumFinding(), dataFinding()];
  return [nodeFinding(), machineFinding(), ...temporal, engine, ...others];
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1]);
  const found = `${process.version} on ${process.platform}-${process.arch}`;
  if (isNew) return { name: 'Node', state: 'ok', found };
  return { name: 'Node', state: 'missing', found, mend: `install Node ≥ ${NODE_AT_LEAST.join('.')}` };
}

function machineFinding(): Finding {
  const total = totalmem() / GIB;
  const found = `${availableParallelism()} cores, ${(freemem() / GIB).toFixed(1)} of ${total.toFixed(1)} GiB memory free`;
  if (total >= MEMORY_AT_LEAST_GIB) return { name: 'machine', state: 'ok', found };
  return {
    name: 'machine',
    state: 'optional',
    found,
    mend: `${MEMORY_AT_LEAST_GIB} GiB or more are better: set ASSAY_WORKER_PROCESSES=1`,
  };
}

async function temporalFindings(options: ServerOptions): Promise<Finding[]> {
  return [await executableFinding(), ...(await serverFindings(options))];
}

async function executableFinding(): Promise<Finding> {
  try {
    const { path, from } = await findTemporalExecutable({ mayDownload: false });
    return { name: 'Temporal CLI', state: 'ok', found: `${path} (${from})` };
  } catch {
    const mend =
      'nothing to do: `assay dev` and `assay demo` fetch it (45 MB, once); or put `temporal` on the PATH';
    return { name: 'Temporal CLI', state: 'optional', found: 'not here yet', mend };
  }
}

async function serverFindings(options: ServerOptions): Promise<Finding[]> {
  let server: Server;
  try {
    server = await openServer(options);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return [
      {
        name: 'Temporal server',
        state: 'optional',
        found,
        mend: 'assay dev starts one; assay demo needs none',
      },
    ];
  }
  try {
    const unserved = await queuesWithoutWorker(server, Date.now());
    const workers: Finding =
      unserved.length === 0
        ? { name: 'workers', state: 'ok', found: 'both queues are served' }
        : {
            name: 'workers',
            state: 'optional',
            found: `nobody serves ${unserved.join(', ')}`,
            mend: workerCommand(unserved[0] ?? '', server),
          };
    const reachable: Finding = {
      name: 'Temporal server',
      state: 'ok',
      found: `${server.address}, namespace ${server.namespace}`,
    };
    return [reachable, await attributesFinding(server), workers];
  } finally {
    await server.close();
  }
}

async function attributesFinding({ client, namespace }: Server): Promise<Finding> {
  const name = 'search attributes';
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTES).filter(
    (attribute) => customAttributes[attribute] === undefined,
  );
  if (missing.length === 0) return { name, state: 'ok', found: Object.keys(SEARCH_ATTRIBUTES).join(', ') };
  const flags = missing.map(
    (attribute) => `--name ${attribute} --type ${typeWord(attribute as keyof typeof SEARCH_ATTRIBUTES)}`,
  );
  const mend = `a worker creates them when it may; else: temporal operator search-attribute create --namespace ${namespace} ${flags.join(' ')}`;
  return { name, state: 'optional', found: `missing: ${missing.join(', ')}`, mend };
}

const typeWord = (attribute: keyof typeof SEARCH_ATTRIBUTES): string => {
  const type = SEARCH_ATTRIBUTES[attribute];
  return type.charAt(0) + type.slice(1).toLowerCase();
};

async function storeFinding(): Promise<Finding> {
  const { storeUri } = directories();
  const name = 'store';
  const mend =
    'set ASSAY_STORE to a folder that can be written, or to s3://bucket/prefix with AWS_* variables';
  try {
    const store = await openStore(storeUri);
    const key = `doctor/${randomUUID()}`;
    const first = await store.putIfAbsent(key, Buffer.from('1'));
    const second = await store.putIfAbsent(key, Buffer.from('2'));
    await store.delete(key);
    if (first && !second)
      return { name, state: 'ok', found: `${store.description}, writable, keeps conditional writes` };
    return { name, state: 'missing', found: `${store.description} ignores conditional writes`, mend };
  } catch (error) {
    return {
      name,
      state: 'missing',
      found: `${storeUri}: ${error instanceof Error ? error.message : String(error)}`,
      mend,
    };
  }
}

async function pythonFinding(): Promise<Finding> {
  const mend =
    'for compiling the TensorFlow addon, for fetching Temporal where temporal.download is unreachable, and for benchmarks';
  try {
    const { stdout, stderr } = await promisify(execFile)('python3', ['--version'], { timeout: 5_000 });
    return { name: 'Python', state: 'ok', found: (stdout || stderr).trim() };
  } catch {
    return { name: 'Python', state: 'optional', found: 'no python3', mend };
  }
}

function chromiumFinding(): Finding {
  const given = process.env['CHROMIUM_PATH'];
  const path =
    given !== undefined && existsSync(given)
      ? given
      : ['chromium', 'chromium-browser', 'google-chrome']
          .map((name) => findOnPath(name, process.env))
          .find(Boolean);
  if (path !== undefined) return { name: 'Chromium', state: 'ok', found: path };
  return {
    name: 'Chromium',
    state: 'optional',
    found: 'not found',
    mend: 'only the tests of the report want it: set CHROMIUM_PATH',
  };
}

function dataFinding(): Finding {
  const path = process.env['ASSAY_DATA_DIR'];
  if (path !== undefined && existsSync(path)) return { name: 'data sets', state: 'ok', found: path };
  const found = path === undefined ? 'ASSAY_DATA_DIR is not set' : `ASSAY_DATA_DIR=${path} does not exist`;
  return {
    name: 'data sets',
    state: 'optional',
    found,
    mend: 'only for builtin: sets of others (banking77 …), which are downloaded otherwise',
  };
}

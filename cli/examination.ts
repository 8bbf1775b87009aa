import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findOnPath, TEMPORAL_CLI_SHA256 } from '../infra/temporal/findServer.js';
import { engineFinding } from './engineFindings.js';
import type { Finding } from './finding.js';
import type { ServerOptions } from './server.js';
import { temporalFindings } from './serverFindings.js';
import { storeFindings } from './storeFindings.js';

const NODE_AT_LEAST = [20, 19] as const;
const GIB = 2 ** 30;
const MEMORY_AT_LEAST_GIB = 2;

/** Looks at everything that Assay needs on this machine. */
export async function examine(options: ServerOptions): Promise<Finding[]> {
  const [temporal, store, python] = await Promise.all([
    temporalFindings(options),
    storeFindings(),
    pythonFinding(),
  ]);
  const engine = await engineFinding(); // alone, since it measures
  const others = [...store, python, chromiumFinding(), dataFinding()];
  return [nodeFinding(), platformFinding(), machineFinding(), ...temporal, engine, ...others];
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > NODE_AT_LEAST[0] || (major === NODE_AT_LEAST[0] && minor >= NODE_AT_LEAST[1]);
  const found = process.version;
  if (isNew) return { name: 'Node', state: 'ok', found };
  return { name: 'Node', state: 'missing', found, mend: `install Node ≥ ${NODE_AT_LEAST.join('.')}` };
}

/** Assay runs where Temporal's CLI and TensorFlow are known to. */
export function platformFinding(found = `${process.platform}-${process.arch}`): Finding {
  const name = 'platform';
  if (TEMPORAL_CLI_SHA256[found] !== undefined) return { name, state: 'ok', found };
  const mend = 'use Linux or macOS on x64 or arm64; on Windows: WSL 2';
  return { name, state: 'missing', found: `${found} is not supported`, mend };
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

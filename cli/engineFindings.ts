import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';
import { cudaInstallCommand, ensureCudaLibraries, missingCudaLibraries } from '../infra/tensorflow/cuda.js';
import { listDevices } from '../infra/tensorflow/device.js';
import { findTensorflow } from '../infra/tensorflow/findTensorflow.js';
import { tensorflowCache, type NativeTensorflow } from '../infra/tensorflow/native.js';
import { probeNative, probeWasm, type Probe } from '../infra/tensorflow/probe.js';
import { fetchEngine } from './fetchEngine.js';
import { messageOf, type Finding } from './finding.js';
import type { Terminal } from './terminal.js';

const NAME = 'engine';
const SETUP = 'assay setup';
const MESSAGE = 'see the message';

/** The engine that networks would compute with here, and how fast it multiplies matrices. */
export async function engineFinding(): Promise<Finding> {
  let native: NativeTensorflow | undefined;
  try {
    native = await findTensorflow();
    if (native) {
      const found = `native, ${words('TensorFlow', await probeNative(native.bindingPath))}, ${threads()}; ${native.folder}`;
      return { name: NAME, state: 'ok', found };
    }
  } catch (error) {
    const found = messageOf(error);
    return native
      ? brokenFinding(NAME, found, native)
      : { name: NAME, state: 'missing', found, mend: MESSAGE };
  }
  const mend = `\`${SETUP}\` fetches TensorFlow and compiles its addon (274 MB, once); only networks want it, \`linear\` needs neither`;
  const fix: Finding['fix'] = async (terminal) => `made ${(await fetchEngine(terminal)).folder}`;
  const isMakeable = process.platform === 'linux';
  return { name: NAME, state: 'optional', found: await wasmWords(), mend, ...(isMakeable ? { fix } : {}) };
}

/** A build that does not compute. One in the cache was made here, and can be made again. */
function brokenFinding(name: string, found: string, { folder, flavour }: NativeTensorflow): Finding {
  const mend = `remove ${folder} and type \`${SETUP}${flavour === 'gpu' ? ' --gpu' : ''}\``;
  const finding: Finding = { name, state: 'missing', found, mend };
  if (!folder.startsWith(tensorflowCache(process.env) + sep)) return finding;
  return {
    ...finding,
    async fix(terminal) {
      await rm(folder, { recursive: true });
      return `removed what was broken, and made ${(await fetchEngine(terminal, flavour === 'gpu')).folder} again`;
    },
  };
}

async function wasmWords(): Promise<string> {
  try {
    return words('no native TensorFlow yet: wasm', await probeWasm());
  } catch (error) {
    return `no native TensorFlow yet, and wasm does not work: ${messageOf(error)}`;
  }
}

const words = (name: string, { version, device, gigaflops }: Probe): string =>
  `${name} ${version} on ${device}, ${gigaflops.toFixed(gigaflops < 10 ? 1 : 0)} GFLOP/s (float32 product of matrices)`;

/** TensorFlow's own default is one for each core. */
function threads(): string {
  const given = process.env['TF_NUM_INTRAOP_THREADS'];
  const count = given === undefined || given === '' ? String(availableParallelism()) : given;
  return `${count} threads`;
}

/** What computing on a GPU needs, in the order in which to mend it. */
export async function gpuFindings(): Promise<Finding[]> {
  const native = await findTensorflow({ gpu: true }).catch(() => undefined);
  const device = await deviceFinding();
  return [device, ...(await libraryFindings(native, device.state === 'ok'))];
}

async function deviceFinding(): Promise<Finding> {
  const name = 'GPU';
  try {
    const devices = await listDevices(process.env);
    const each = devices.map(
      ({ name: device, memoryMiB, computeCapability }) =>
        `${device} (${(memoryMiB / 1024).toFixed(0)} GiB, compute capability ${computeCapability})`,
    );
    if (devices.length > 0) {
      return { name, state: 'ok', found: `${each.join(', ')}; driver ${devices[0]?.driver ?? ''}` };
    }
    return { name, state: 'missing', found: 'nvidia-smi shows no device', mend: DRIVER };
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const found = isAbsent ? 'no nvidia-smi on the PATH' : `nvidia-smi: ${messageOf(error)}`;
    return { name, state: 'missing', found, mend: DRIVER };
  }
}

const DRIVER =
  "install NVIDIA's driver (≥ 525, for CUDA 12); in a container: the NVIDIA container toolkit, and `docker run --gpus all`";

/** Libraries of gigabytes are fetched for a device only. */
async function libraryFindings(native: NativeTensorflow | undefined, hasDevice: boolean): Promise<Finding[]> {
  const name = 'TensorFlow for GPU';
  if (!native) {
    const mend = `${SETUP} --gpu (572 MB, and 2.8 GB of CUDA, once)`;
    const fix: Finding['fix'] = async (terminal) => `made ${(await fetchEngine(terminal, true)).folder}`;
    return [{ name, state: 'missing', found: 'not here yet', mend, ...(hasDevice ? { fix } : {}) }];
  }
  const missing = await missingCudaLibraries(native, process.env);
  const libraries: Finding =
    missing.length === 0
      ? { name: 'CUDA libraries', state: 'ok', found: 'all that TensorFlow opens' }
      : {
          name: 'CUDA libraries',
          state: 'missing',
          found: `missing: ${missing.join(', ')}`,
          mend: `${SETUP} --gpu, or: ${cudaInstallCommand(native).join(' ')}`,
          ...(hasDevice ? { fix: (terminal) => installLibraries(native, missing, terminal) } : {}),
        };
  return [libraries, await computingFinding(name, native)];
}

async function installLibraries(
  native: NativeTensorflow,
  missing: readonly string[],
  terminal: Terminal,
): Promise<string> {
  await ensureCudaLibraries(native, { log: (line) => terminal.note(line) });
  return `installed ${missing.join(', ')}`;
}

async function computingFinding(name: string, native: NativeTensorflow): Promise<Finding> {
  try {
    const probe = await probeNative(native.bindingPath, { size: 2048 });
    const found = words('TensorFlow', probe);
    if (probe.device === 'gpu') return { name, state: 'ok', found };
    const mend =
      'it computes on the CPU: mend what is missing above, then look at its own words with TF_CPP_MIN_LOG_LEVEL=0';
    return { name, state: 'missing', found, mend };
  } catch (error) {
    return brokenFinding(name, messageOf(error), native);
  }
}

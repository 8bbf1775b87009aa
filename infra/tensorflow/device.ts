import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const QUERY = ['--query-gpu=name,driver_version,memory.total,compute_cap', '--format=csv,noheader,nounits'];

/** A GPU as `nvidia-smi` tells of it. */
export interface Device {
  readonly name: string;
  readonly driver: string;
  readonly memoryMiB: number;
  /** CUDA compute capability: `9.0`. */
  readonly computeCapability: string;
}

/**
 * The NVIDIA devices of this machine, in their order.
 *
 * @throws Error when there is no `nvidia-smi`, or when it finds no device or no driver
 */
export async function listDevices(environment: NodeJS.ProcessEnv): Promise<Device[]> {
  const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { env: environment, timeout: 20_000 });
  return parseDevices(stdout);
}

/** What `nvidia-smi --query-gpu` printed. */
export const parseDevices = (text: string): Device[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [name = '', driver = '', memory = '', computeCapability = ''] = line
        .split(',')
        .map((word) => word.trim());
      return { name, driver, memoryMiB: Number(memory), computeCapability };
    });

/** Whether `nvidia-smi` works and shows a device. */
export async function hasDevice(environment: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    return (await listDevices(environment)).length > 0;
  } catch {
    return false; // no nvidia-smi, or one without a driver: a machine without a GPU
  }
}

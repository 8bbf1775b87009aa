import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isAlive } from './alive.js';

/** What a running `assay dev` tells others on this machine, in `dev.json`. */
export const DevState = z.strictObject({
  /** Of the process that runs it. */
  pid: z.int().positive(),
  /** Missing while it starts. */
  address: z.string().optional(),
  uiUrl: z.string().optional(),
  metricsUrl: z.string().optional(),
  namespace: z.string().optional(),
});
export type DevState = z.infer<typeof DevState>;

const fileIn = (directory: string): string => join(directory, 'dev.json');

/** The services that run for this directory; undefined when there are none (any more). */
export function readDevState(directory: string): DevState | undefined {
  let text: string;
  try {
    text = readFileSync(fileIn(directory), 'utf8');
  } catch {
    return undefined; // nobody has started any
  }
  const state = parse(text);
  return state !== undefined && isAlive(state.pid) ? state : undefined;
}

/** Claims the directory for this process. @returns false when another process that is alive has it */
export function claimDirectory(directory: string): boolean {
  const file = fileIn(directory);
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid } satisfies DevState), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (readDevState(directory) !== undefined) return false;
      rmSync(file, { force: true });
    }
  }
  return false;
}

export function writeDevState(directory: string, state: DevState): void {
  writeFileSync(fileIn(directory), JSON.stringify(state));
}

export function releaseDirectory(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

function parse(text: string): DevState | undefined {
  try {
    return DevState.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut off in the middle of writing: its owner is gone, or will write it again
  }
}

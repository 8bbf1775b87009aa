import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Mounts a disk in memory (or changes the one that is there), which takes root. @returns why it can't */
export function mountDisk(at: string, options: string): string | undefined {
  try {
    mkdirSync(at, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no small disk can be mounted here (${String((error as Error).message).split('\n')[0] ?? ''})`;
  }
}

export const unmountDisk = (at: string): void => void execFileSync('umount', ['--lazy', at]);

import { spawn, type ChildProcess } from 'node:child_process';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';

/** What a child process is started with. */
export interface Target {
  readonly uri: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts bench/storageChild and waits until it has opened the store. */
export async function startChild(
  { uri, environment }: Target,
  what: 'write' | 'race',
  ...args: readonly string[]
): Promise<ChildProcess> {
  const script = modulePath(import.meta.url, '../storageChild');
  const child = spawn(process.execPath, [...inheritedNodeFlags(), script, what, uri, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`${what} ended with ${String(code)} before it was ready`)));
  });
  return child;
}

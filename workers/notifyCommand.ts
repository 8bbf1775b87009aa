import { spawn } from 'node:child_process';
import type { NotifyDependencies } from '../activities/notify.js';

/** What a program is told of the worker's own environment; never its secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ'];
const MESSAGE_CHARACTERS = 300;

/** Runs a program without a shell, the event on its standard input. @throws Error with the end of its stderr */
export const runNotifyCommand: NotifyDependencies['runCommand'] = async (
  [program = '', ...args],
  input,
  { timeoutMs, variables },
) => {
  const inherited = INHERITED.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const child = spawn(program, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...Object.fromEntries(inherited), ...variables },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MESSAGE_CHARACTERS)));
  child.stdin.on('error', () => undefined); // it need not read
  child.stdin.end(input);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`notify: ${program} can't be run: ${cause.message}`, { cause })),
    );
    child.once('close', (...ended) => resolve(ended));
  });
  if (code === 0) return;
  const how = signal === null ? `exit code ${String(code)}` : `${signal}, after ${timeoutMs} ms at most`;
  throw new Error(`notify: ${program} ended with ${how}: ${said.trim()}`);
};

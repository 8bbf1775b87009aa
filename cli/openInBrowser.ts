import { spawn } from 'node:child_process';

/** Hands a file or address to the user's browser; nothing happens where there is none. */
export function openInBrowser(target: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(program, [...args, target], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

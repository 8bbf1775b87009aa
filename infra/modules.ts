import { fileURLToPath } from 'node:url';

/**
 * Path of a module beside the caller's folder, with the caller's own ending: the `.ts` source when run from source,
 * the compiled `.js` otherwise. `relative` has no ending.
 */
export function modulePath(caller: string, relative: string): string {
  const ending = caller.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`${relative}${ending}`, caller));
}

/** Node flags that a forked process needs as well: loaders, memory limits, source maps; never a debugger or `--test`. */
export function inheritedNodeFlags(flags: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (const [index, flag] of flags.entries()) {
    if (flag === '--import') kept.push(flag, flags[index + 1] ?? '');
    else if (/^--(import=|max-old-space-size|enable-source-maps|conditions=)/.test(flag)) kept.push(flag);
  }
  return kept;
}

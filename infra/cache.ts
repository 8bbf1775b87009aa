import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder where Assay keeps what it fetched or built for this machine and could fetch again.
 * `ASSAY_CACHE_DIR`, else `$XDG_CACHE_HOME/assay`, else `~/.cache/assay`. It may not exist yet.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['ASSAY_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  // The XDG rule: a relative path there counts as not set.
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'assay');
  return join(homedir(), '.cache', 'assay');
}

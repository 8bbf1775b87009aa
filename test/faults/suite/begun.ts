import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many stages the workers of a directory have begun, by their logs; one that is tried again counts again. */
export function stagesBegun(directory: string): number {
  const logs = join(directory, 'logs');
  if (!existsSync(logs)) return 0;
  const text = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
  return text.join('').split('"msg":"stage started"').length - 1;
}

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadRunConfig } from '../config/load.js';
import type { RunConfig } from '../config/runConfig.js';
import { nearestName } from '../core/nearestName.js';
import { readdirSync } from 'node:fs';
import { CliError, EXIT } from './exit.js';

/** The smallest config that runs, for those who have none. */
const FIRST_CONFIG = `name: my-data
dataset:
  source: data.csv
  columns:
    target: label
    text: [text]`;

/**
 * Reads a config file, with `--set` overrides.
 *
 * @throws CliError when there is no such file; RunConfigError with every mistake in it
 */
export function readRunConfig(path: string, set: readonly string[]): RunConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return loadRunConfig(text, { path, set });
}

function unreadable(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EISDIR')
    return new CliError(`${path} is a folder, expected a file such as assay.yaml`, EXIT.usage);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    return new CliError(`${path} can't be read`, EXIT.usage, [], { cause });
  }
  const near = neighbour(path);
  const next = near === undefined ? ['assay demo    (needs no file)'] : [`assay run ${near}`];
  return new CliError(
    `there is no file ${path}${near === undefined ? `; a first one could be:\n\n${FIRST_CONFIG}\n` : `; did you mean "${near}"?`}`,
    EXIT.usage,
    next,
  );
}

/** A YAML file beside the one that isn't there, with nearly its name. */
function neighbour(path: string): string | undefined {
  try {
    const folder = dirname(path);
    const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
    const near = nearestName(path.split('/').at(-1) ?? path, names);
    return near === undefined ? undefined : join(folder, near);
  } catch {
    return undefined;
  }
}

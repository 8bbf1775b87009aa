import { startDev, type DevServices } from '../infra/dev.js';
import type { Directories } from './directories.js';
import type { Terminal } from './terminal.js';

/** Starts Temporal, its UI and the workers below `.assay`, telling of downloads and restarts. */
export const startServices = (
  where: Directories,
  ports: { readonly port?: number; readonly uiPort?: number },
  terminal: Pick<Terminal, 'note' | 'colors'>,
): Promise<DevServices> =>
  startDev({
    directory: where.root,
    storeUri: where.storeUri,
    log: (line) => terminal.note(terminal.colors.dim(line)),
    ...ports,
  });

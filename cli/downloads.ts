import type { MaterialiseOptions } from '../infra/datasets.js';
import type { Terminal } from './terminal.js';

const STEP_BYTES = 5 << 20;

/** Says now and then how far a download is. */
export function tellDownloads(
  terminal: Pick<Terminal, 'note'>,
): NonNullable<MaterialiseOptions['onProgress']> {
  let next = 0;
  let current = '';
  return (file, { receivedBytes, totalBytes }) => {
    if (file !== current) next = 0;
    current = file;
    if (receivedBytes < next) return;
    next = receivedBytes + STEP_BYTES;
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const total = totalBytes === undefined ? '' : ` of ${megabytes(totalBytes)}`;
    terminal.note(`fetching ${file}: ${megabytes(receivedBytes)}${total} MB`);
  };
}

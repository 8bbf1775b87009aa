import { SingleBar } from 'cli-progress';
import type { DownloadProgress } from '../infra/download.js';
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

/** A bar for the download where the terminal can draw one, a line at each tenth elsewhere. */
export async function withDownloadBar<T>(
  terminal: Terminal,
  work: (onProgress: (progress: DownloadProgress) => void) => Promise<T>,
): Promise<T> {
  if (!terminal.isInteractive) return work(tenths(terminal));
  const bar = new SingleBar({
    format: '  {bar} {percentage}%  {value} of {total} MB',
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: true,
  });
  try {
    return await work(({ receivedBytes, totalBytes }) => {
      if (totalBytes === undefined) return;
      if (!bar.isActive) bar.start(Math.round(totalBytes / 1e6), 0);
      bar.update(Math.round(receivedBytes / 1e6));
    });
  } finally {
    bar.stop();
  }
}

function tenths(terminal: Terminal): (progress: DownloadProgress) => void {
  let told = 0;
  return ({ receivedBytes, totalBytes }) => {
    if (totalBytes === undefined) return;
    const tenth = Math.floor((10 * receivedBytes) / totalBytes);
    if (tenth > told) terminal.note(`  ${String(10 * tenth)}% of ${(totalBytes / 1e6).toFixed(0)} MB`);
    told = Math.max(told, tenth);
  };
}

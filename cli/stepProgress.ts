import { SingleBar } from 'cli-progress';
import type { Progress } from '../contracts/stage.js';
import type { Terminal } from './terminal.js';

/** One bar for work in this process; plain lines at each quarter where no bar can be drawn. */
export function stepProgress(
  terminal: Terminal,
  label: string,
): { update: (progress: Progress) => void; stop: () => void } {
  return terminal.isInteractive ? bar(label) : lines(terminal, label);
}

function bar(label: string) {
  const drawn = new SingleBar({
    format: `${label} {bar} {value}/{total} {unit}`,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  let isStarted = false;
  return {
    update: ({ done, total, unit }: Progress) => {
      if (!isStarted) drawn.start(total, done, { unit });
      isStarted = true;
      drawn.update(done, { unit });
    },
    stop: () => drawn.stop(),
  };
}

function lines(terminal: Terminal, label: string) {
  let told = 0;
  return {
    update: ({ done, total, unit }: Progress) => {
      const quarter = Math.floor((4 * done) / total);
      if (quarter > told) terminal.note(`${label}: ${done} of ${total} ${unit}`);
      told = quarter;
    },
    stop: () => undefined,
  };
}

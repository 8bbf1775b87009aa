import { MultiBar, type SingleBar } from 'cli-progress';
import type { RunStatus, StageStatus } from '../contracts/run.js';
import { cut, padded } from '../core/text/columns.js';
import { fractionDone, overallWords, stageLine, STATE_SIGN } from './progress.js';
import { prose, wrap } from './table.js';
import { plainText, type Terminal } from './terminal.js';

/** Shows how a run goes on. */
export interface LiveView {
  update(status: RunStatus, nowMs: number): void;
  /** A sentence about what the run waits for; told once for as long as it stays the same. */
  say(text: string | undefined): void;
  stop(): void;
}

/** Bars where the terminal can draw them, plain lines elsewhere (on stderr under --json), nothing under --quiet. */
export const openLiveView = (terminal: Terminal): LiveView =>
  terminal.isInteractive ? barView(terminal) : lineView(terminal);

const isOver = ({ state }: StageStatus): boolean => state !== 'waiting' && state !== 'running';

function lineView(terminal: Terminal): LiveView {
  const told = new Map<string, string>();
  let said: string | undefined;
  const write = (text: string): void => (terminal.isJson ? terminal.note(text) : terminal.aside(text));
  return {
    update({ stages }) {
      for (const stage of stages) {
        const key = stage.state === 'running' ? `running ${quarter(stage)}` : stage.state;
        if (stage.state === 'waiting' || told.get(stage.path) === key) continue;
        told.set(stage.path, key);
        const line = `${STATE_SIGN[stage.state]} ${plainText(stageLine(stage))}`;
        write(wrap(line, terminal.columns - 4).join('\n    '));
      }
    },
    say(text) {
      if (text !== undefined && text !== said) write(text);
      said = text;
    },
    stop: () => undefined,
  };
}

/** Plain lines tell of a fan-out when it starts and at each quarter. */
const quarter = ({ shards }: StageStatus): number =>
  shards ? Math.floor((4 * shards.done) / shards.total) : 0;

const BAR_ROOM = 60;
/** `loop.2.importance` */
const LABEL_WIDTH = 17;

function barView(terminal: Terminal): LiveView {
  const bars = new MultiBar({
    format: (_options, params, payload: { name: string; words: string }) =>
      barText(terminal, payload.name, params.progress, payload.words),
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    forceRedraw: true,
    gracefulExit: false,
    linewrap: false,
    fps: 8,
  });
  const running = new Map<string, SingleBar>();
  const finished = new Set<string>();
  const whole = bars.create(1, 0, { name: 'run', words: '' });
  let said: string | undefined;
  const log = (text: string): void => bars.log(`${prose(text, { columns: terminal.columns - 1 }, '    ')}\n`);
  return {
    update(status, nowMs) {
      for (const stage of status.stages) {
        if (isOver(stage) && !finished.has(stage.path)) {
          finished.add(stage.path);
          const bar = running.get(stage.path);
          if (bar) bars.remove(bar);
          running.delete(stage.path);
          log(`${STATE_SIGN[stage.state]} ${plainText(stageLine(stage))}`);
        } else if (stage.state === 'running') {
          finished.delete(stage.path);
          const bar = running.get(stage.path) ?? bars.create(1, 0, { name: stage.path, words: '' });
          running.set(stage.path, bar);
          const { shards } = stage;
          const words = shards ? `${shards.done}/${shards.total}` : elapsed(stage, nowMs);
          bar.update(shards ? shards.done / shards.total : 0, { name: stage.path, words });
        }
      }
      whole.update(fractionDone(status), { name: 'run', words: said ?? overallWords(status, nowMs) });
    },
    say(text) {
      if (text !== undefined && text !== said) log(text);
      said = text;
    },
    stop: () => bars.stop(),
  };
}

/** A line of name, bar and words; where a bar would leave no room for words, a share stands in its place. */
export function barText(
  { colors, columns }: Pick<Terminal, 'colors' | 'columns'>,
  name: string,
  progress: number,
  words: string,
): string {
  const share = Math.max(0, Math.min(1, progress));
  const isNarrow = columns < BAR_ROOM;
  const width = isNarrow ? 4 : Math.max(8, Math.min(28, columns - BAR_ROOM));
  const full = Math.round(share * width);
  const bar = isNarrow
    ? `${Math.round(100 * share)}%`.padStart(width)
    : `${colors.cyan('━'.repeat(full))}${colors.dim('━'.repeat(width - full))}`;
  const labelWidth = Math.max(6, Math.min(LABEL_WIDTH, Math.floor(columns / 3)));
  const label = padded(cut(name, labelWidth), labelWidth);
  return `  ${label} ${bar} ${cut(words, Math.max(columns - width - labelWidth - 5, 0))}`;
}

function elapsed({ startedAtMs }: StageStatus, nowMs: number): string {
  return startedAtMs === undefined ? '' : `${Math.max(0, Math.round((nowMs - startedAtMs) / 1000))} s`;
}

import type { FaultKind } from './kind.js';
import type { Verdict } from './play.js';

/** How all points of a kind went; a kind that this machine can't have says why. */
export interface Played {
  readonly kind: FaultKind;
  readonly verdicts: Verdict[];
  readonly whyNot?: string;
}

/** A Markdown table: one line per kind, counts of points and of runs. */
export function faultTable(played: readonly Played[]): string {
  const lines = played.map(({ kind, verdicts, whyNot }) => {
    if (whyNot !== undefined) return `| ${kind.name} | ${kind.what} | not played: ${whyNot} | | | | |`;
    const well = verdicts.filter(({ problems }) => problems.length === 0);
    const alone = well.filter(({ blocked }) => blocked.length === 0).length;
    const points = verdicts.length * (kind.points ?? 1);
    const counts = [points, verdicts.length, alone, well.length - alone, verdicts.length - well.length];
    return `| ${kind.name} | ${kind.what} | ${counts.join(' | ')} |`;
  });
  return [
    '| fault | what happens | points | runs | went on alone | blocked, retried | broken |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

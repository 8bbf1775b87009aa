import type { Terminal } from './terminal.js';

/** One thing that was looked at. `optional`: Assay works without it, with less. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'optional' | 'missing';
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
  /**
   * Does it, where nothing of anybody's can be lost by it, and says what was done.
   *
   * @throws what keeps it from being done
   */
  readonly fix?: (terminal: Terminal) => Promise<string>;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What came of mending one finding: what was done, or why it could not be. */
export interface Mending {
  readonly name: string;
  readonly done?: string;
  readonly failure?: string;
}

/** Mends what can be mended, in the order of the findings. One that can't does not keep us from the others. */
export async function mendAll(findings: readonly Finding[], terminal: Terminal): Promise<Mending[]> {
  const mendings: Mending[] = [];
  for (const { name, fix } of findings) {
    if (!fix) continue;
    try {
      mendings.push({ name, done: await fix(terminal) });
    } catch (error) {
      mendings.push({ name, failure: messageOf(error) });
    }
  }
  return mendings;
}

import type { Lab } from './lab.js';
import type { Scene } from './scene.js';

/** What a fault has done. */
export interface Struck {
  /** Where, and how: what makes a failing point easy to look at. */
  readonly where: string;
  /** Takes the fault away, as an operator would who has read why the run is blocked. */
  readonly mend?: () => Promise<void>;
  /** After the run: what else must hold, as a list of what doesn't. */
  readonly problems?: () => Promise<string[]>;
  readonly cleanUp?: () => Promise<void>;
}

/** One way in which something breaks. One file in `kinds/`, one line in its index. */
export interface FaultKind {
  readonly name: string;
  /** For the table: what happens, in a few words. */
  readonly what: string;
  /** Points take turns with these; a folder is quicker. */
  readonly stores: readonly ('folder' | 's3')[];
  /** What a run that blocks must say of it; where it is absent, the run has to go on by itself. */
  readonly cause?: RegExp;
  /** The fault would disturb others on the same Temporal server. */
  readonly ownServer?: boolean;
  /** Why it can't be had on this machine. */
  whyNot?(lab: Lab): string | undefined;
  /** Starts workers and the run, and does it. */
  strike(scene: Scene): Promise<Struck>;
}

import type { RunStatus } from '../contracts/run.js';

/** A run as the list shows it. */
export interface ShownRun {
  readonly runId: string;
  readonly state: string;
  readonly stage: string;
  readonly round: number | null;
  readonly metric: number | null;
  readonly startedAt: string | null; // ISO 8601
  readonly endedAt: string | null;
  /** Whether its page is on this machine or in the store. */
  readonly hasReport: boolean;
}

/** Who made which version champion, newest first. */
export interface ShownModel {
  readonly name: string;
  readonly champion: string | null;
  readonly moves: readonly {
    readonly version: string;
    readonly at: string;
    readonly by: string;
    readonly why: string;
  }[];
}

/** Where the page gets what it shows. Nothing can be changed through it. */
export interface RunsSource {
  /** Newest first. `complaint`: why the list may be incomplete. */
  runs(): Promise<{ readonly runs: readonly ShownRun[]; readonly complaint?: string }>;
  /** Undefined where there is no such run, or nobody answers for it. */
  status(runId: string): Promise<RunStatus | undefined>;
  /** HTML of a run's report, or of a benchmark's leaderboard. */
  report(runId: string): Promise<Uint8Array | undefined>;
  models(): Promise<readonly ShownModel[]>;
  /** Address of a run in Temporal's own UI; undefined where there is none. */
  temporalUrl(runId: string): string | undefined;
}

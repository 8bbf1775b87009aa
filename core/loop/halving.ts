/** How far a search may go. No imports here: workflows run this file. */
export interface SearchPlan {
  /** Trials that are drawn, numbered from 1; 0 is the configuration as it stands. */
  readonly trials: number;
  /** Shares of the training rows, ascending; the last is 1. */
  readonly shares: readonly number[];
  /** One trial in so many goes on to the next share. */
  readonly reduction: number;
  /** Jobs of a wave. */
  readonly parallel: number;
}

/** One trial on one share of the rows. */
export interface TrialJob {
  readonly trial: number;
  readonly rung: number; // index in shares
}

/** What came of a job; −Infinity where training diverged. */
export interface TrialResult extends TrialJob {
  readonly value: number;
}

/** The configuration as it stands: judged on all rows from the start, so that whatever is gained is gained over it. */
export const BASELINE = 0;

/** Shares of the rows from 1 down by the reduction, none under the least, ascending. */
export function rungShares(reduction: number, leastShare: number): number[] {
  const shares = [1];
  while (shares[0]! / reduction >= leastShare * (1 - 1e-9)) shares.unshift(shares[0]! / reduction);
  return shares;
}

/**
 * The next wave of asynchronous successive halving: whoever is among the best of a rung goes on, highest rung first, else a
 * new trial begins. Waves in place of free workers make the same results ask for the same jobs. Once all trials have begun
 * and nobody goes on by himself, the best of the highest rung does, until one has seen all rows.
 *
 * @param results of all waves before
 * @returns nothing where the search is done
 * @source Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020, algorithm 2
 */
export function nextJobs(plan: SearchPlan, results: readonly TrialResult[]): TrialJob[] {
  const top = plan.shares.length - 1;
  const jobs: TrialJob[] = [];
  const begun = new Set(results.map(({ trial }) => trial));
  const asked = new Set(results.map(keyOf));
  const ask = (job: TrialJob): void => {
    jobs.push(job);
    begun.add(job.trial);
    asked.add(keyOf(job));
  };
  if (!begun.has(BASELINE)) ask({ trial: BASELINE, rung: top });
  while (jobs.length < plan.parallel) {
    const job = promoted(plan, results, asked) ?? fresh(plan, begun, asked);
    if (!job) break;
    ask(job);
  }
  if (jobs.length > 0) return jobs;
  const last = bestBelow(results, asked, top);
  return last ? [last] : [];
}

/** The trial that won: the best of those that have seen all rows; the first given wins a tie. */
export function bestTrial(plan: SearchPlan, results: readonly TrialResult[]): number {
  const finals = results.filter(({ rung }) => rung === plan.shares.length - 1);
  return [...finals].sort(better)[0]?.trial ?? BASELINE;
}

const keyOf = ({ trial, rung }: TrialJob): string => `${trial}.${rung}`;
const better = (a: TrialResult, b: TrialResult): number =>
  a.value === b.value ? a.trial - b.trial : a.value > b.value ? -1 : 1;

/** Trials that finished a rung, best first; without the baseline, which takes nobody's place. */
const ranked = (results: readonly TrialResult[], rung: number): TrialResult[] =>
  results.filter((one) => one.rung === rung && one.trial !== BASELINE).sort(better);

function promoted(
  { shares, reduction }: SearchPlan,
  results: readonly TrialResult[],
  asked: ReadonlySet<string>,
): TrialJob | undefined {
  for (let rung = shares.length - 2; rung >= 0; rung--) {
    const all = ranked(results, rung);
    const next = all
      .slice(0, Math.floor(all.length / reduction))
      .find(({ trial, value }) => value > -Infinity && !asked.has(keyOf({ trial, rung: rung + 1 })));
    if (next) return { trial: next.trial, rung: rung + 1 };
  }
  return undefined;
}

function fresh(
  { trials }: SearchPlan,
  begun: ReadonlySet<number>,
  asked: ReadonlySet<string>,
): TrialJob | undefined {
  for (let trial = 1; trial <= trials; trial++) {
    const job = { trial, rung: 0 };
    if (!begun.has(trial) && !asked.has(keyOf(job))) return job;
  }
  return undefined;
}

/** Where no trial but the baseline has seen all rows: the best of the highest rung goes on. */
function bestBelow(
  results: readonly TrialResult[],
  asked: ReadonlySet<string>,
  top: number,
): TrialJob | undefined {
  for (let rung = top; rung >= 0; rung--) {
    const [best] = ranked(results, rung).filter(({ value }) => value > -Infinity);
    if (!best) continue;
    const job = { trial: best.trial, rung: rung + 1 };
    return rung < top && !asked.has(keyOf(job)) ? job : undefined;
  }
  return undefined;
}

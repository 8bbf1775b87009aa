import { withOverrides } from '../config/load.js';
import { RunConfig } from '../config/runConfig.js';
import { RESOLVE_UPDATE } from '../contracts/names.js';
import type { ResolveStage, RunLineage, RunStatus } from '../contracts/run.js';
import { launch } from './commands/run.js';
import { directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { openPlanCache } from './planCache.js';
import { answered, blockedStatus, sendUpdate, settings, type ResolveOptions } from './resolving.js';
import { planRetry, type PlanRequest, type RetryPlan } from './retryPlan.js';
import { planLines } from './retryPlanText.js';
import { describeRun, findRun, queryLineage, queryStatus } from './runClient.js';
import { traitsOf } from './startRun.js';
import { withServerOpen, type Server } from './server.js';
import type { Terminal } from './terminal.js';
import { tellStarted } from './watching.js';

export interface RetryOptions extends ResolveOptions {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly keep?: boolean;
}

const QUERY_WITHIN_MS = 8_000;

/** Starts a run that does anew what another did from a stage on, or says what that would mean. */
export function retryFrom(
  wanted: string | undefined,
  from: string,
  { set = [], dryRun, keep, ...options }: RetryOptions,
  terminal: Terminal,
): Promise<number> {
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted);
    const { isOpen, device } = await describeRun(server, runId);
    const status = await answered(server, runId, queryStatus(server, runId, QUERY_WITHIN_MS));
    refuseUnfit(status, isOpen, from);
    const lineage = await lineageOf(server, runId);
    const config = withOverrides(RunConfig.parse(lineage.config), set);
    if (dryRun) return tellPlan(await planOf({ lineage, config, from }, device), terminal);
    const next = await launch(server, config, directories(), terminal, { of: runId, from });
    if (status.blocked && isOpen && !keep) {
      const answer: ResolveStage = {
        action: 'abort',
        stage: status.blocked.stage,
        note: `${next} takes over`,
      };
      await sendUpdate(server, runId, RESOLVE_UPDATE, answer);
      terminal.note(`${runId} was blocked at ${status.blocked.stage}: aborted, its successor takes over`);
    }
    await tellStarted(server, next, terminal);
    return EXIT.ok;
  });
}

function refuseUnfit({ runId, state, stage, stages }: RunStatus, isOpen: boolean, from: string): void {
  const paths = stages.filter(({ attempts }) => attempts > 0).map(({ path }) => path);
  if (!paths.includes(from))
    throw new CliError(`${runId} has no stage "${from}"; it has ${paths.join(', ')}`, EXIT.usage, [
      `assay show ${runId}`,
    ]);
  if (isOpen && state !== 'blocked')
    throw new CliError(
      `${runId} goes on, at ${stage}: a successor is for runs that ended or are blocked`,
      EXIT.failed,
      [`assay watch ${runId}`, `assay cancel ${runId}`],
    );
}

/** Says what would happen if the blocked run went on now. */
export function planBlocked(
  wanted: string | undefined,
  { set = [], stage, ...options }: RetryOptions,
  terminal: Terminal,
): Promise<number> {
  settings(set);
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, wanted, "AssayStatus = 'blocked'");
    return tellPlan(await planOfBlocked(server, runId, stage, set), terminal);
  });
}

/** What would run if the blocked run went on now. @param stage where it is believed to be blocked */
export async function planOfBlocked(
  server: Server,
  runId: string,
  stage: string | undefined,
  set: readonly string[],
): Promise<ToldPlan> {
  const { device } = await describeRun(server, runId);
  const { blocked, stages } = await blockedStatus(server, runId);
  if (stage !== undefined && stage !== blocked.stage)
    throw new CliError(`the blocked stage is "${blocked.stage}", not "${stage}"`, EXIT.usage);
  const lineage = await lineageOf(server, runId);
  const before = RunConfig.parse(lineage.config);
  const resume = {
    ...{ failed: blocked.failedShards, config: before },
    skipped: stages.filter(({ state }) => state === 'skipped').map(({ path }) => path),
  };
  return planOf({ lineage, config: withOverrides(before, set), resume }, device);
}

async function lineageOf(server: Server, runId: string): Promise<RunLineage> {
  if (runId.startsWith('benchmark/'))
    throw new CliError(
      `${runId} is a benchmark: started again, it takes from the cache what has not changed`,
      EXIT.usage,
      ['assay benchmark --help'],
    );
  return answered(server, runId, queryLineage(server, runId, QUERY_WITHIN_MS));
}

interface ToldPlan {
  readonly asked: Pick<PlanRequest, 'lineage' | 'from'>;
  readonly plan: RetryPlan;
}

async function planOf(
  asked: Omit<PlanRequest, 'cache' | 'traits'>,
  device: 'cpu' | 'gpu',
): Promise<ToldPlan> {
  const cache = await openPlanCache(directories(), device);
  return { asked, plan: await planRetry({ ...asked, cache, traits: traitsOf(asked.config) }) };
}

function tellPlan({ asked: { lineage, from }, plan }: ToldPlan, terminal: Terminal): number {
  terminal.json({ runId: lineage.runId, from: from ?? null, ...plan });
  terminal.line(`${lineage.runId}, dry run: nothing is started`);
  for (const line of planLines(plan, terminal)) terminal.line(line);
  return EXIT.ok;
}

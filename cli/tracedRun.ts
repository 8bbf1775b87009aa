import { join } from 'node:path';
import type { LoadedDataConverter } from '@temporalio/common';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { readDocument } from '../activities/prepared.js';
import type { RunTrace, TracedShard } from '../activities/runTrace.js';
import { RunConfig } from '../config/runConfig.js';
import { StageResult } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import { RunSummary } from '../contracts/summary.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import type { TrainInput } from '../workflows/train.js';
import type { Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { recordedRun, type Finished } from './finishedRun.js';
import { findRun } from './runClient.js';
import { withServerOpen, type ServerOptions } from './server.js';

/**
 * What a run has made so far: of a finished one from its summary in the store; of one that goes on, was aborted, or
 * skipped its report, from what Temporal remembers of it.
 *
 * @param wanted id, end of an id, or name
 * @throws CliError when there is no such run, or it trains nothing
 */
export async function tracedRun(
  where: Directories,
  wanted: string,
  options: ServerOptions,
): Promise<RunTrace> {
  const artifacts = openArtifacts(await openStore(where.storeUri), {
    scratchDirectory: join(where.root, 'scratch'),
  });
  const recorded = recordedRun(where, wanted);
  const trace = recorded && (await fromSummary(recorded, artifacts));
  if (trace) return trace;
  return withServerOpen(options, async (server) => {
    const runId = await findRun(server, recorded?.runId ?? wanted);
    if (!runId.startsWith('train/')) {
      throw new CliError(`${runId} is no training run`, EXIT.usage, ['assay runs']);
    }
    const history = await server.client.workflow.getHandle(runId).fetchHistory();
    const { loadedDataConverter } = server.client.options;
    return { runId, artifacts, ...(await tracedHistory(history, loadedDataConverter)) };
  });
}

async function fromSummary(
  { runId, outcome }: Pick<Finished, 'runId' | 'outcome'>,
  artifacts: ArtifactStore,
): Promise<RunTrace | undefined> {
  const [ref] = outcome.outputs['summary'] ?? [];
  if (!ref) return undefined;
  const { config, lineage } = RunSummary.parse(await readDocument(artifacts, ref));
  const shards = lineage.map(({ stage, outputs, figures }) => [stage, { outputs, figures }] as const);
  return { runId, artifacts, config: RunConfig.parse(config), shards: new Map(shards) };
}

/** The configuration and the finished shards of a workflow `train`, from its events. */
export async function tracedHistory(
  { events }: History,
  converter: LoadedDataConverter,
): Promise<Pick<RunTrace, 'config' | 'shards'>> {
  const shards = new Map<string, TracedShard>();
  const paths = new Map<string, string>(); // by the event that scheduled the shard
  let input: TrainInput | undefined;
  for (const event of events ?? []) {
    const started = event.workflowExecutionStartedEventAttributes;
    const scheduled = event.activityTaskScheduledEventAttributes;
    const completed = event.activityTaskCompletedEventAttributes;
    if (started) {
      input = await decodeFromPayloadsAtIndex<TrainInput>(converter, 0, started.input?.payloads);
      for (const [path, { result }] of Object.entries(input.state?.done ?? {})) shards.set(path, result);
    }
    if (scheduled) paths.set(String(event.eventId), scheduled.activityId ?? '');
    if (completed) {
      const result = await decodeFromPayloadsAtIndex(converter, 0, completed.result?.payloads);
      shards.set(paths.get(String(completed.scheduledEventId))!, StageResult.parse(result));
    }
  }
  if (!input) throw new CliError('the history of the run has no beginning', EXIT.failed);
  return { config: RunConfig.parse(input.state?.config ?? input.config), shards };
}

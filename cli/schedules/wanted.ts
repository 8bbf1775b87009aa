import type { ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { RunConfig } from '../../config/runConfig.js';
import { AdaptRule } from '../../contracts/adapt.js';
import { durationMs } from '../../contracts/duration.js';
import { RETRAIN_WORKFLOW, TASK_QUEUE } from '../../contracts/names.js';
import type { ScheduleConfig } from '../../contracts/schedule.js';
import { fingerprint } from '../../workflows/fingerprint.js';
import type { RetrainInput } from '../../workflows/retrain.js';
import { readRunConfig } from '../configFile.js';
import { absoluteSource, directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { prepareConfig } from '../preparedConfig.js';
import type { Server } from '../server.js';
import { runStart } from '../startRun.js';
import type { Terminal } from '../terminal.js';

const OVERLAP: Readonly<Record<ScheduleConfig['overlap'], ScheduleOverlapPolicy>> = {
  skip: 'SKIP',
  bufferOne: 'BUFFER_ONE',
  bufferAll: 'BUFFER_ALL',
  cancelOther: 'CANCEL_OTHER',
  terminateOther: 'TERMINATE_OTHER',
};

/** A schedule as a config file describes it. */
export interface WantedSchedule {
  readonly name: string; // the schedule's id in Temporal
  readonly options: Omit<ScheduleOptions, 'scheduleId'>;
  /** Of everything that the file decides: equal where nothing is to be changed. */
  readonly version: string;
}

/** @throws CliError where the file has no schedule; RunConfigError with every mistake in it */
export async function wantedSchedule(
  server: Server,
  file: string,
  set: readonly string[],
  terminal: Terminal,
): Promise<WantedSchedule> {
  const config = readRunConfig(file, set);
  const { schedule, name } = config;
  if (!schedule) {
    const message = `${file} has no schedule; add, for instance:\n\nschedule:\n  cron: "0 3 * * *"\n  timezone: Europe/Paris\n`;
    throw new CliError(message, EXIT.usage, [`assay schedule create ${file} --set schedule.every=6h`]);
  }
  const prepared = await prepareConfig(config, directories(), terminal);
  const { input, face } = await runStart(server, prepared.config);
  const version = fingerprint(JSON.stringify([schedule, input, face]));
  const adapt = adaptOf(config, schedule);
  const firing: RetrainInput = { train: input, face, ...(adapt ? { adapt } : {}) };
  return { name, version, options: optionsOf(schedule, name, firing, version) };
}

/** What a schedule that adapts is told beside the run's settings. */
function adaptOf({ name, register }: RunConfig, schedule: ScheduleConfig): RetrainInput['adapt'] {
  const { does, data, rule } = schedule;
  if (does === 'run' || data === undefined) return undefined;
  return {
    name: register.name ?? name,
    rule: rule ?? AdaptRule.parse({}),
    data: [data].flat().map((uri) => absoluteSource(uri)),
  };
}

function optionsOf(
  schedule: ScheduleConfig,
  name: string,
  input: RetrainInput,
  version: string,
): WantedSchedule['options'] {
  const { cron, every, timezone, jitter, overlap, catchUpWindow, pauseOnFailure } = schedule;
  return {
    spec: {
      ...(cron === undefined ? {} : { cronExpressions: [cron].flat() }),
      ...(every === undefined ? {} : { intervals: [{ every: durationMs(every) }] }),
      timezone,
      ...(jitter === undefined ? {} : { jitter: durationMs(jitter) }),
    },
    policies: { overlap: OVERLAP[overlap], catchupWindow: durationMs(catchUpWindow), pauseOnFailure },
    action: {
      type: 'startWorkflow',
      workflowType: RETRAIN_WORKFLOW,
      // Temporal appends the time.
      workflowId: `${RETRAIN_WORKFLOW}/${name}/at`,
      taskQueue: TASK_QUEUE.workflow,
      args: [input],
      memo: {
        ...input.face.memo,
        ...{ schedule: name, when: whenText(schedule), does: schedule.does, scheduleVersion: version },
      },
      staticSummary: input.adapt
        ? `${name}: adapt to new rows, where that is worth it`
        : `${name}: retrain where the data, or the settings, have changed`,
      staticDetails: input.face.details,
      ...(input.face.priority ? { priority: input.face.priority } : {}),
    },
  };
}

/** When it starts, in words: `0 3 * * *, Europe/Paris`, `every 6h`. */
function whenText({ cron, every, timezone, jitter }: ScheduleConfig): string {
  const times = every === undefined ? `${[cron ?? []].flat().join(' and ')}, ${timezone}` : `every ${every}`;
  return jitter === undefined ? times : `${times}, up to ${jitter} later`;
}

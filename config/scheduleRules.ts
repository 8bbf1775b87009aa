import { durationMs } from '../contracts/duration.js';
import type { Model } from '../contracts/model.js';
import type { ScheduleConfig } from '../contracts/schedule.js';
import { taskName } from '../contracts/settings.js';
import { models } from '../models/index.js';
import { cronMistake } from './cron.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

const SHORTEST_MS = 60_000;

/** What a schedule needs beyond the form of its values. */
export function scheduleNeeds(config: RunConfig): ConfigIssue[] {
  const { schedule } = config;
  if (!schedule) return [];
  const { cron, every, timezone, jitter } = schedule;
  const issues: ConfigIssue[] = adaptNeeds(config, schedule);
  const at = (key: string, message: string): void => void issues.push({ path: ['schedule', key], message });
  if ((cron === undefined) === (every === undefined)) {
    const message = `expected one of cron and every, found ${cron === undefined ? 'neither' : 'both'}: cron: "0 3 * * *" or every: 6h`;
    issues.push({ path: ['schedule'], message, atKey: true });
  }
  for (const mistake of [cron ?? []].flat().map(cronMistake)) if (mistake !== undefined) at('cron', mistake);
  if (!isTimezone(timezone))
    at('timezone', `found "${timezone}", expected a name such as UTC or Europe/Paris`);
  if (every === undefined) return issues;
  if (durationMs(every) < SHORTEST_MS) at('every', `found "${every}", expected 1m or more`);
  if (jitter !== undefined && durationMs(jitter) >= durationMs(every))
    at('jitter', `found "${jitter}", expected less than schedule.every = ${every}`);
  return issues;
}

function adaptNeeds({ task, model }: RunConfig, { does, data, rule }: ScheduleConfig): ConfigIssue[] {
  const at = (key: string, message: string): ConfigIssue => ({ path: ['schedule', key], message });
  if (does === 'run') {
    const stray = data !== undefined ? 'data' : rule !== undefined ? 'rule' : undefined;
    return stray === undefined ? [] : [at(stray, 'is for schedule.does: adapt; a run takes dataset.source')];
  }
  const issues: ConfigIssue[] = [];
  if (data === undefined) issues.push(at('does', 'adapt needs schedule.data: where new labelled rows come'));
  if ([data ?? []].flat().some((uri) => uri.startsWith('builtin:')))
    issues.push(at('data', 'expected files of yours; nothing new comes to a built-in set'));
  const kind = (models as readonly Model[]).find(({ name }) => name === model.name);
  if (taskName(task) !== 'classification')
    issues.push(at('does', `only classification adapts, and the task is ${taskName(task)}; take run`));
  else if (kind && !kind.goesOn)
    issues.push(at('does', `model ${kind.name} can't go on from an earlier fit (docs/drift.md); take run`));
  return issues;
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

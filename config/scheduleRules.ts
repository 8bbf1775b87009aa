import { durationMs } from '../contracts/duration.js';
import { cronMistake } from './cron.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

const SHORTEST_MS = 60_000;

/** What a schedule needs beyond the form of its values. */
export function scheduleNeeds({ schedule }: RunConfig): ConfigIssue[] {
  if (!schedule) return [];
  const { cron, every, timezone, jitter } = schedule;
  const issues: ConfigIssue[] = [];
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

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { withoutCredentials } from '../contracts/credentials.js';

/** Writes JSON lines; fields that name a run and a stage are `runId` and `path`. */
export type WorkerLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Opens today's log of all workers below `directory`: `logs/worker-YYYY-MM-DD.jsonl`, appended to, line by line. */
export function openWorkerLog(directory: string, level: string, now: Date): WorkerLog {
  const folder = join(directory, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `worker-${now.toISOString().slice(0, 10)}.jsonl`);
  const destination = pino.destination({ dest: file, append: true, sync: true });
  const logger = pino(
    { level, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => destination.write(withoutCredentials(line)) },
  );
  return (at, message, fields = {}) => logger[at](fields, message);
}

import { z } from 'zod';
import { AdaptRule } from './adapt.js';
import { Duration } from './duration.js';

/** When a run is started by itself. Each time takes the newest data, and does nothing where nothing has changed. */
export const ScheduleConfig = z.strictObject({
  does: z
    .enum(['run', 'adapt'])
    .default('run')
    .describe('run: all of it, anew; adapt: the champion goes on with new rows where that is worth it'),
  data: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'adapt: labelled rows with the columns of dataset: path, glob or URI; those that the champion has learned are left out',
    ),
  rule: AdaptRule.optional().describe('adapt: what makes it worth its price'),
  cron: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('minute, hour, day of month, month, day of week: "0 3 * * MON-FRI"; or @daily, @weekly …'),
  every: Duration.optional().describe('instead of cron: an interval, such as 6h'),
  timezone: z.string().default('UTC').describe('of cron, as in Europe/Paris'),
  overlap: z
    .enum(['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'terminateOther'])
    .default('skip')
    .describe('where the last one is still under way (or blocked): what becomes of the next, or of it'),
  jitter: Duration.optional().describe('starts later by a random time up to this'),
  catchUpWindow: Duration.default('1h').describe('how late a start may be after the server was away'),
  pauseOnFailure: z.boolean().default(false).describe('a run that failed or was aborted pauses the schedule'),
});
export type ScheduleConfig = z.infer<typeof ScheduleConfig>;

/** What one firing of a schedule came to. The next one compares itself with it. */
export const RetrainOutcome = z.strictObject({
  state: z.enum(['completed', 'unchanged']),
  /** Of the content of all source files. */
  dataVersion: z.string(),
  /** Fingerprint of what the run was asked. */
  settings: z.string(),
  /** The run over these data: of this firing, or of an earlier one where nothing has changed; of what adapts, the firing. */
  runId: z.string(),
  /** What had changed; nothing where it is unchanged. */
  because: z.array(z.enum(['first', 'data', 'settings'])),
  /** 1 where the run's model was promoted. */
  promoted: z.number().optional(),
  /** Of a schedule that adapts: what became of the new rows. */
  adapted: z
    .strictObject({ action: z.string(), reason: z.string(), registered: z.string().optional() })
    .optional(),
});
export type RetrainOutcome = z.infer<typeof RetrainOutcome>;

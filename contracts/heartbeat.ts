import { z } from 'zod';
import { Progress } from './stage.js';

/** What a running stage tells Temporal about itself; `describe` shows it as the pending activity's heartbeat details. */
export const StageHeartbeat = z.strictObject({
  path: z.string(),
  /** `queued`: waits for a free trainer child of its worker. */
  state: z.enum(['queued', 'running']),
  progress: Progress.optional(),
  /** Newest checkpoint in the store; it was there before it was named here. */
  checkpoint: z.strictObject({ position: z.number(), savedAtMs: z.number() }).optional(),
});
export type StageHeartbeat = z.infer<typeof StageHeartbeat>;

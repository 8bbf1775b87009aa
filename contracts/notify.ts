import { z } from 'zod';
import { Duration } from './duration.js';
import { Figures } from './stage.js';

/** What people are told of: one line per event. Whoever causes one calls `announce` (workflows/notification.ts). */
const NOTIFY_EVENTS = ['blocked', 'waiting', 'failed', 'completed', 'promoted', 'drift'] as const;
const NotifyEvent = z.enum(NOTIFY_EVENTS);
export type NotifyEvent = z.infer<typeof NotifyEvent>;

const Variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, such as TEAM_SECRET');

/** Who is told of which events, and how. Secrets stay in the workers' environment. */
export const NotifyTarget = z.strictObject({
  on: z
    .array(NotifyEvent)
    .min(1)
    .default(['blocked', 'waiting', 'failed', 'promoted', 'drift'])
    .describe('which events'),
  webhook: z
    .string()
    .regex(/^https?:\/\/[^\s/@]+(\/\S*)?$/, 'an http:// or https:// URL without user and password')
    .optional()
    .describe('URL that gets a POST with the event as JSON; its `text` is what Slack and its kin show'),
  webhookFromEnvironment: Variable.optional().describe(
    "instead: the workers' variable with the URL, where that is a secret",
  ),
  signWith: Variable.optional().describe(
    "the workers' variable with the secret that signs the body (HMAC-SHA-256, header assay-signature)",
  ),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'instead: a program on the workers, which must be in their ASSAY_NOTIFY_COMMANDS, with its arguments',
    ),
  timeout: Duration.default('10s').describe('of one attempt'),
  attempts: z.int().min(1).max(20).default(5).describe('before it is given up; the run goes on all the same'),
});
export type NotifyTarget = z.infer<typeof NotifyTarget>;

/** What is told: the body of a webhook, the standard input of a command. */
export const Notification = z.strictObject({
  event: NotifyEvent,
  runId: z.string(),
  name: z.string(),
  at: z.string(), // ISO 8601
  /** All of it in a sentence. */
  text: z.string(),
  stage: z.string().optional(),
  error: z.string().optional(),
  /** What an operator may type. */
  commands: z.array(z.string()).optional(),
  figures: Figures.optional(),
});
export type Notification = z.infer<typeof Notification>;

/** What the activity `notify` is asked. */
export const NotifyRequest = z.strictObject({ notification: Notification, target: NotifyTarget });
export type NotifyRequest = z.infer<typeof NotifyRequest>;

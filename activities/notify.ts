import { createHmac } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { durationMs } from '../contracts/duration.js';
import { ConfigError } from '../contracts/errors.js';
import { NotifyRequest, type Notification, type NotifyTarget } from '../contracts/notify.js';
import { asFailure } from './failure.js';

export interface NotifyDependencies {
  /** Of the worker: holds the secrets, and which commands may be run. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs a program without a shell. @throws Error when it fails or takes too long */
  readonly runCommand: (
    command: readonly string[],
    input: string,
    options: { readonly timeoutMs: number; readonly variables: Readonly<Record<string, string>> },
  ) => Promise<void>;
  readonly now: () => Date;
}

/** Tells one target of one event. Bad settings are not tried again, what may pass is. */
export const createNotifyActivity = (dependencies: NotifyDependencies) => ({
  notify: asFailure(async (input: NotifyRequest): Promise<string> => {
    const { notification, target } = NotifyRequest.parse(input);
    const timeoutMs = durationMs(target.timeout);
    if (target.command) return runCommand(target.command, notification, timeoutMs, dependencies);
    return post(notification, target, timeoutMs, dependencies);
  }),
});

async function runCommand(
  command: readonly string[],
  notification: Notification,
  timeoutMs: number,
  { environment, runCommand: run }: NotifyDependencies,
): Promise<string> {
  const allowed = (environment['ASSAY_NOTIFY_COMMANDS'] ?? '').split(',').map((path) => path.trim());
  const [program = ''] = command;
  if (!allowed.includes(program)) {
    const message = `notify: ${program} is not among the commands that this worker may run: add it to its ASSAY_NOTIFY_COMMANDS`;
    throw new ConfigError(message);
  }
  const { event, runId } = notification;
  const variables = { ASSAY_EVENT: event, ASSAY_RUN_ID: runId };
  await run(command, JSON.stringify(notification), { timeoutMs, variables });
  return `ran ${program}`;
}

/** Answers that will be the same next time. */
const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 429;

async function post(
  notification: Notification,
  target: NotifyTarget,
  timeoutMs: number,
  { environment, now }: NotifyDependencies,
): Promise<string> {
  const url = webhookOf(target, environment);
  const body = JSON.stringify(notification);
  const { signWith } = target;
  const signature = signWith === undefined ? {} : signed(body, variable(signWith, environment), now());
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'user-agent': 'assay', ...signature },
    redirect: 'manual', // a signed body goes where the configuration says, nowhere else
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    // The URL may be a secret: its host says enough.
    const why =
      cause instanceof Error && cause.name === 'TimeoutError'
        ? `no answer within ${target.timeout}`
        : reason(cause);
    throw new Error(`notify: webhook on ${url.host}: ${why}`);
  });
  await response.body?.cancel();
  if (response.ok) return `${url.host} answered ${response.status}`;
  throw ApplicationFailure.create({
    type: 'WebhookError',
    message: `notify: webhook on ${url.host} answered ${response.status}`,
    nonRetryable: isFinal(response.status),
  });
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  return `can't be reached (${code})`;
}

function webhookOf(
  { webhook, webhookFromEnvironment }: NotifyTarget,
  environment: NotifyDependencies['environment'],
): URL {
  const text = webhook ?? variable(webhookFromEnvironment ?? '', environment);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new ConfigError(`notify: ${webhookFromEnvironment ?? 'webhook'} holds no http:// or https:// URL`);
  return new URL(text);
}

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 of "<unix seconds>.<body>", so that an old one can't be played again. */
function signed(body: string, secret: string, at: Date): Record<string, string> {
  const time = Math.floor(at.getTime() / 1000);
  const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return { 'assay-signature': `t=${time},v1=${mac}` };
}

function variable(name: string, environment: NotifyDependencies['environment']): string {
  const value = environment[name];
  if (value === undefined || value === '')
    throw new ConfigError(`notify: the environment of this worker has no ${name}`);
  return value;
}

import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ZodError, prettifyError } from 'zod';
import { withoutCredentials } from '../contracts/credentials.js';
import { PlatformError } from '../contracts/errors.js';
import { clipText } from '../core/text/characters.js';

/** Type of the failure by which a worker that stops gives a stage to the next one. */
export const HANDED_BACK = 'HandedBack';

/** An error as it crosses from a trainer child to its worker. */
export interface FailureRecord {
  readonly type: string;
  readonly message: string;
  readonly nonRetryable: boolean;
  readonly stack?: string | undefined;
  readonly cause?: FailureRecord | undefined;
}

/** Reads what Temporal needs to know off any thrown value. Bad input is never retried; what we don't know is. */
export function failureRecord(error: unknown): FailureRecord {
  if (!(error instanceof Error)) return { type: 'Error', message: String(error), nonRetryable: false };
  if (error instanceof ApplicationFailure) {
    return { ...described(error), type: error.type ?? error.name, nonRetryable: error.nonRetryable ?? false };
  }
  if (error instanceof ZodError) {
    return {
      ...described(error),
      message: clipText(prettifyError(error), LONGEST_MESSAGE),
      nonRetryable: true,
    };
  }
  return { ...described(error), nonRetryable: error instanceof PlatformError && !error.retryable };
}

/** A failure must fit into a history event whatever a library puts into its message. */
const LONGEST_MESSAGE = 4_000;

function described(error: Error): FailureRecord {
  return {
    type: error.name,
    message: clipText(withoutCredentials(error.message), LONGEST_MESSAGE),
    nonRetryable: false,
    stack: error.stack && withoutCredentials(error.stack).slice(0, LONGEST_MESSAGE),
    cause: error.cause === undefined ? undefined : failureRecord(error.cause),
  };
}

/** What Temporal records of a failure; the cause and the child's own stack are kept. */
export function toApplicationFailure(record: FailureRecord): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: record.type,
    message: record.message,
    nonRetryable: record.nonRetryable,
    ...(record.cause === undefined ? {} : { cause: toApplicationFailure(record.cause) }),
  });
  if (record.stack !== undefined) failure.stack = record.stack;
  return failure;
}

/**
 * The one place where our errors become Temporal's. A cancellation passes through; so does everything that nobody
 * foresaw, and Temporal retries that.
 */
export const asFailure =
  <In, Out>(activity: (input: In) => Promise<Out>) =>
  (input: In): Promise<Out> =>
    activity(input).catch((error: unknown) => {
      if (error instanceof CancelledFailure || error instanceof ApplicationFailure) throw error;
      throw toApplicationFailure(failureRecord(error));
    });

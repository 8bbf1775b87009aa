import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { asFailure } from '../../activities/failure.js';
import { ConfigError, DataError, StoreUnavailableError } from '../../contracts/errors.js';

async function mapped(error: unknown): Promise<unknown> {
  return asFailure(() => Promise.reject(error as Error))(undefined).catch((reason: unknown) => reason);
}

const zodError = z.strictObject({ rows: z.number() }).safeParse({ rows: 'ten' }).error;

describe('an error of an activity', () => {
  const cases = [
    { name: 'of bad data is final', error: new DataError('line 7'), type: 'DataError', nonRetryable: true },
    { name: 'of settings is final', error: new ConfigError('no'), type: 'ConfigError', nonRetryable: true },
    { name: 'of a schema is final', error: zodError, type: 'ZodError', nonRetryable: true },
    {
      name: 'of a store that is away is retried',
      error: new StoreUnavailableError('away'),
      type: 'StoreUnavailableError',
      nonRetryable: false,
    },
    {
      name: 'that nobody foresaw is retried',
      error: new TypeError('x'),
      type: 'TypeError',
      nonRetryable: false,
    },
    { name: 'that is no Error is retried', error: 'a string', type: 'Error', nonRetryable: false },
  ];
  for (const { name, error, type, nonRetryable } of cases) {
    it(name, async () => {
      const failure = await mapped(error);
      assert.ok(failure instanceof ApplicationFailure);
      assert.deepEqual([failure.type, failure.nonRetryable], [type, nonRetryable]);
    });
  }

  it('keeps its causes', async () => {
    const cause = new Error('disk', { cause: new Error('cable') });
    const failure = await mapped(new DataError('outer', { cause }));
    assert.ok(failure instanceof ApplicationFailure && failure.cause instanceof ApplicationFailure);
    assert.equal(failure.cause.message, 'disk');
    assert.equal(failure.cause.cause?.message, 'cable');
  });

  it('names the field that a schema refused', async () => {
    const failure = await mapped(zodError);
    assert.match((failure as Error).message, /expected number, received string[\s\S]*rows/);
  });

  it('is cut to what a history event can hold', async () => {
    const failure = await mapped(new Error('x'.repeat(3_000_000)));
    assert.equal((failure as Error).message.length, 4_000);
  });

  it('that tells of a cancellation passes through as it is', async () => {
    const cancelled = new CancelledFailure('CANCELLED');
    assert.equal(await mapped(cancelled), cancelled);
  });
});

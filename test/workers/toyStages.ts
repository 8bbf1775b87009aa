import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Stage } from '../../activities/stage.js';
import { DataError, StoreUnavailableError } from '../../contracts/errors.js';

/** Answers with its seed. */
const echo: Stage<{ text: string }> = {
  name: 'echo',
  paramsSchema: z.strictObject({ text: z.string().default('nothing') }),
  inputs: [],
  summary: ({ text }) => text,
  run: ({ seed, params }) =>
    Promise.resolve({ outputs: {}, figures: { seed, text: params.text, pid: process.pid } }),
};

const failures = {
  data: () => new DataError('line 7: expected 3 fields, got 2', { cause: new Error('the cause') }),
  store: () => new StoreUnavailableError('the store is away'),
  unforeseen: () => new Error('nobody thought of this'),
  exit: () => process.exit(3),
  kill: () => process.kill(process.pid, 'SIGKILL'),
};

/** Fails in the way that it is told. */
const fail: Stage<{ how: keyof typeof failures }> = {
  name: 'fail',
  paramsSchema: z.strictObject({ how: z.enum(['data', 'store', 'unforeseen', 'exit', 'kill']) }),
  inputs: [],
  summary: ({ how }) => how,
  run: async ({ params }) => {
    process.stderr.write(`about to fail: ${params.how}\n`);
    await sleep(20);
    const error = failures[params.how]();
    // A signal that a process sends itself arrives a little later.
    if (!(error instanceof Error)) await sleep(5_000);
    throw error;
  },
};

/**
 * Counts to `steps`, a checkpoint a step. `killAt`: the first process to come there dies by SIGKILL; who resumes from
 * its checkpoint passes.
 */
const count: Stage<{ steps: number; stepMs: number; killAt: number }> = {
  name: 'count',
  paramsSchema: z.strictObject({
    steps: z.int(),
    stepMs: z.number().default(0),
    killAt: z.int().default(-1),
  }),
  inputs: [],
  summary: ({ steps }) => `to ${String(steps)}`,
  run: async ({ params }, context) => {
    const resumed = (await context.checkpoints.load())?.position ?? 0;
    for (let step = resumed; step < params.steps; step++) {
      if (step === params.killAt && resumed === 0) process.kill(process.pid, 'SIGKILL');
      await sleep(params.stepMs, undefined, { signal: context.signal });
      await context.checkpoints.save({ position: step + 1, tensors: [] });
      context.progress({ done: step + 1, total: params.steps, unit: 'steps' });
    }
    return { outputs: {}, figures: { resumed, reached: params.steps } };
  },
};

/** Never gives the event loop a turn: only SIGKILL ends it early. */
const spin: Stage<{ ms: number }> = {
  name: 'spin',
  paramsSchema: z.strictObject({ ms: z.number() }),
  inputs: [],
  summary: () => 'busy',
  run: ({ params }, context) => {
    const end = Date.now() + params.ms;
    context.progress({ done: 0, total: params.ms, unit: 'ms' });
    while (Date.now() < end);
    return Promise.resolve({ outputs: {}, figures: {} });
  },
};

/** Stages that tests of the workers run instead of the real ones. */
export const stages = [echo, fail, count, spin] as const satisfies readonly Stage[];

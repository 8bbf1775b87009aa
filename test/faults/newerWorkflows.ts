import { patched, sleep } from '@temporalio/workflow';
import type { RunOutcome } from '../../contracts/run.js';
import { train as older, type TrainInput } from '../../workflows/train.js';

export * from '../../workflows/index.js';

/** The workflow of a later version: it does one thing more, and goes on with runs that began without it. */
export async function train(input: TrainInput): Promise<RunOutcome> {
  if (patched('one-thing-more')) await sleep(1);
  return older(input);
}

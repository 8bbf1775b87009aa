import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { STATUS_QUERY } from '../../../contracts/names.js';
import type { RunOutcome, RunStatus } from '../../../contracts/run.js';
import { retry } from '../cluster.js';
import { aftermath } from './aftermath.js';
import type { FaultKind, Struck } from './kind.js';
import type { Lab } from './lab.js';
import { openScene, type Scene } from './scene.js';

const END_WITHIN_MS = 900_000;
const MOST_RETRIES = 20;

/** How one point of a kind went. */
export interface Verdict {
  readonly where: string;
  /** What the run said each time that it was blocked. */
  readonly blocked: readonly string[];
  /** What does not hold, in words; none where all is well. */
  readonly problems: readonly string[];
}

/** Plays one run with one fault, to its end, and looks at what it left. */
export async function playPoint(lab: Lab, kind: FaultKind, index: number, seed: number): Promise<Verdict> {
  const scene = await openScene(lab, kind, index, seed);
  const stop = new AbortController();
  let struck: Struck | undefined;
  try {
    const striking = kind.strike(scene).then((done) => (struck = done));
    // A run may block before the last of several faults.
    const ending = toTheEnd(scene, async () => struck?.mend?.(), stop.signal);
    const [{ where, problems: more }, { outcome, blocked }] = await Promise.all([striking, ending]);
    const unclear = blocked.filter((cause) => !(kind.cause?.test(cause) ?? false));
    const problems = [
      ...unclear.map((cause) => `blocked, and the cause is not clear: ${cause}`),
      ...(await aftermath(scene, lab.undisturbed, outcome)),
      ...((await more?.()) ?? []),
    ];
    return { where, blocked, problems };
  } catch (error) {
    return { where: struck?.where ?? 'before the fault', blocked: [], problems: [String(error)] };
  } finally {
    stop.abort();
    await struck?.cleanUp?.();
    await scene.close();
  }
}

/** Waits for the end; answers a blocked run as an operator would: the cause is mended, the stage is retried. */
async function toTheEnd(
  scene: Scene,
  mend: () => Promise<void>,
  signal: AbortSignal,
): Promise<{ outcome: RunOutcome; blocked: string[] }> {
  const handle = scene.cluster.client.workflow.getHandle(scene.runId);
  const blocked: string[] = [];
  for (const end = Date.now() + END_WITHIN_MS; Date.now() < end && !signal.aborted; await sleep(400)) {
    const status = await statusOf(handle);
    if (status?.blocked) {
      blocked.push(status.blocked.error);
      if (blocked.length > MOST_RETRIES) throw new Error(`blocked again and again: ${blocked.join('\n')}`);
      await mend();
      await retry(handle, status.blocked.stage);
    } else if (status && status.state !== 'running') {
      return { outcome: (await handle.result()) as RunOutcome, blocked };
    }
  }
  throw new Error(`not at its end in ${String(END_WITHIN_MS)} ms`);
}

/** Undefined while nobody answers. */
const statusOf = (handle: WorkflowHandle): Promise<RunStatus | undefined> =>
  handle.query<RunStatus>(STATUS_QUERY).catch(() => undefined);

import { AdaptRule } from '../../contracts/adapt.js';
import { decideByTrial, suspect } from '../../core/adapt/decide.js';
import { goOn, type LabelledRows, type Learn, rightOf, rowsOf, tryOut } from '../../core/adapt/step.js';
import { vstack } from '../../core/sparse.js';
import type { FittedModel } from '../../contracts/model.js';
import { linear, LinearParams } from '../../models/linear.js';
import { CLASSES } from './stream.js';

export const ARMS = ['never', 'adapt', 'window', 'scratch'] as const;
export type Arm = (typeof ARMS)[number];

/** What an arm did with a stream. */
export interface ArmResult {
  /** Accuracy on every batch but the first, before it was learned from. */
  readonly accuracies: readonly number[];
  /** Rows times solver steps, of all trainings after the first batch: trials included. */
  readonly cost: number;
  /** Trainings that were taken over. */
  readonly updates: number;
}

const RULE = AdaptRule.parse({ minGain: 0.01 });
/** Batches that the arm `window` trains on. */
const WINDOW = 3;

/** A meter of training: what it learns is counted. */
function metered(): { learn: Learn; cost: () => number; reset: () => void } {
  let cost = 0;
  const learn: Learn = async (training, from) => {
    let steps = 0;
    const sinks = { progress: () => void steps++ };
    const options = { seed: 1, sinks, ...from };
    const model = await linear.fit(training, LinearParams.parse({ C: 1 }), options);
    cost += Math.max(1, steps) * training.targets.length;
    return model;
  };
  return { learn, cost: () => cost, reset: () => void (cost = 0) };
}

/** Lets an arm meet a stream: every batch is judged first, then learned from as the arm does it. */
export async function runArm(arm: Arm, stream: readonly LabelledRows[], seed: number): Promise<ArmResult> {
  const { learn, cost, reset } = metered();
  const first = stream[0]!;
  const half = Int32Array.from({ length: first.targets.length >> 1 }, (_, row) => row);
  const rest = half.map((row) => row + half.length);
  const before = mean(rightOf(await learn(whole([rowsOf(first, half)])), rowsOf(first, rest)));
  let model = await learn(whole([first]));
  reset();
  const state = { before, memory: [first], updates: 0 };
  const accuracies: number[] = [];
  for (let at = 1; at < stream.length; at++) {
    const batch = stream[at]!;
    const now = rightOf(model, batch);
    accuracies.push(mean(now));
    if (arm === 'window' || arm === 'scratch') {
      model = await learn(whole(stream.slice(arm === 'window' ? Math.max(0, at + 1 - WINDOW) : 0, at + 1)));
      state.updates++;
    } else if (arm === 'adapt') {
      model = await adapted(model, batch, now, state, learn, seed + at);
    }
  }
  return { accuracies, cost: cost(), updates: state.updates };
}

interface State {
  before: number;
  memory: LabelledRows[];
  updates: number;
}

/** What the product does with a batch: look, try, decide, go on. */
async function adapted(
  champion: FittedModel,
  batch: LabelledRows,
  now: Uint8Array,
  state: State,
  learn: Learn,
  seed: number,
): Promise<FittedModel> {
  const remembered = together(state.memory);
  const weights = new Float64Array(remembered.targets.length).fill(1);
  state.memory.push(batch);
  if (!suspect({ shifts: [], slices: [], before: state.before, now }, RULE).isChanged) return champion;
  const memory = { ...remembered, weights };
  const ground = { champion, outputs: CLASSES, memory, replayRatio: 1, learn, seed };
  const trial = await tryOut(ground, batch);
  if (!decideByTrial(trial, RULE, seed).retrains) return champion;
  const { model } = await goOn(ground, batch);
  state.before = Math.max(state.before, mean(trial.challenger));
  state.updates++;
  return model;
}

function together(parts: readonly LabelledRows[]): LabelledRows {
  const targets = Int32Array.from(parts.flatMap((part) => [...part.targets]));
  return { matrix: vstack(parts.map(({ matrix }) => matrix)), targets };
}

function whole(parts: readonly LabelledRows[]) {
  const { matrix, targets } = together(parts);
  const sampleWeights = new Float64Array(targets.length).fill(1);
  return { input: { kind: 'sparse' as const, matrix }, targets, outputs: CLASSES, sampleWeights };
}

const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

import { z } from 'zod';
import { AdaptRule, type Adaptation } from '../contracts/adapt.js';
import type { StageContext } from '../contracts/store.js';
import type { Estimate } from '../contracts/summary.js';
import type { ColumnBatch } from '../contracts/table.js';
import { decideByTrial, judgeNewModel, suspect } from '../core/adapt/decide.js';
import { goOn, rightOf, tryOut } from '../core/adapt/step.js';
import { numericShift, profileRows } from '../core/drift/profile.js';
import { sharedSlices, sliceShifts } from '../core/drift/slices.js';
import { textColumn } from '../core/features/columns.js';
import type { SliceColumn } from '../core/slices/enumerateSlices.js';
import { adaptedSlices, askGate } from './adaptedGate.js';
import { registerAdapted } from './adaptedVersion.js';
import { type Adapting, readAdapting } from './adapting.js';
import { writeDocument } from './prepared.js';
import { keptRows } from './rowSource.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  rule: AdaptRule,
  by: z.string(),
  /** Number of the move by which the champion was held when the batch came. */
  move: z.int().nonnegative(),
  /** Rows that the champion has learned are left out; where too few are left, it stays. */
  onlyNew: z.boolean().default(false),
});
type Params = z.infer<typeof Params>;

/** Rows that a slice must have in both tables. */
const SLICE_SUPPORT = 30;

/**
 * Looks at a batch of new rows, tries out what learning them would bring, and, where it is worth it, goes on from the
 * champion and lets the new model take its place, if it is right oftener on new rows that neither has seen and the gate
 * has nothing against it.
 */
export const adapt: Stage<Params> = {
  name: 'adapt',
  paramsSchema: Params,
  inputs: ['version', 'dataset'],
  summary: () => 'look, try, decide, go on from the champion',
  async run({ params, inputs, seed }, context) {
    const ground = await readAdapting(inputs, params, seed, context);
    if ('waits' in ground) {
      const { champion, waits: reason, rows } = ground;
      return { outputs: {}, figures: { champion, action: 'kept', reason, rows } };
    }
    const found = await adapted(ground, params, seed, context);
    return {
      outputs: { adaptation: [await writeDocument(context.artifacts, found)] },
      figures: {
        champion: found.champion,
        action: found.action,
        reason: found.reasons.slice(found.registered === null ? -1 : -2).join(' '),
        rows: found.rows.fresh + found.rows.test,
        accuracyBefore: found.accuracy.before,
        accuracyNow: found.accuracy.now,
        ...(found.expectedGain ? { expectedGain: found.expectedGain.value } : {}),
        ...(found.gain ? { gain: found.gain.value } : {}),
        ...(found.registered === null ? {} : { registered: found.registered }),
      },
    };
  },
};

async function adapted(
  ground: Adapting,
  { rule, by, move }: Params,
  seed: number,
  context: StageContext,
): Promise<Adaptation> {
  const looked = await look(ground);
  const suspicion = suspect(looked.signs, rule);
  const base = { ...looked.told, expectedGain: null, gain: null, action: 'kept', registered: null } as const;
  const reasons = [suspicion.reason];
  if (!suspicion.isChanged) return { ...base, reasons };
  const trial = decideByTrial(await tryOut(ground, ground.fresh), rule, seed);
  reasons.push(trial.reason);
  const tried = { ...base, expectedGain: trial.expectedGain };
  if (!trial.retrains) return { ...tried, reasons };
  context.progress({ done: 1, total: 2, unit: 'steps' });
  const { model, replayed } = await goOn(ground, ground.fresh);
  const opening = await context.openTestSet(ground.batchSha256);
  const verdict = judgeNewModel(
    { champion: rightOf(ground.champion, ground.test), challenger: rightOf(model, ground.test) },
    opening,
    seed,
  );
  reasons.push(verdict.reason);
  const judged = { ...tried, gain: verdict.gain, rows: { ...base.rows, replayed: replayed.length } };
  if (!verdict.isBetter) return { ...judged, action: 'refused', reasons };
  const { decision, needsApproval } = askGate(ground, model, opening, seed);
  reasons.push(decision.reason);
  const promote = decision.promoted && !needsApproval ? { by, move } : null;
  const accuracy = shareOf(rightOf(model, ground.test), verdict.gain);
  const made = await registerAdapted({ ground, model, reasons, decision, promote, accuracy }, context);
  const { registered, isChampion } = made;
  const yours = `assay models promote ${registered}`;
  const told = isChampion
    ? `${registered} is champion`
    : `${registered} is registered; ${whyNot(decision.promoted, needsApproval)}: ${yours}`;
  const held = decision.promoted ? 'registered' : 'refused';
  return { ...judged, action: isChampion ? 'promoted' : held, registered, reasons: [...reasons, told] };
}

/** What keeps a better model from being champion. */
function whyNot(passed: boolean, needsApproval: boolean): string {
  if (!passed) return 'to overrule the gate';
  return needsApproval ? 'gate.approval: required; to approve it' : 'the champion has changed meanwhile';
}

/** Accuracy on the new test rows; its interval is as wide as that of the gain. */
function shareOf(right: Uint8Array, gain: Estimate): Estimate {
  const value = right.reduce((sum, one) => sum + one, 0) / right.length;
  return { value, low: value - (gain.value - gain.low), high: value + (gain.high - gain.value) };
}

/** What can be seen without training anything. */
async function look(ground: Adapting) {
  const { champion, version, reference, batch, validation, fresh, columns } = ground;
  const [before, now] = [rightOf(champion, validation), rightOf(champion, fresh)];
  const mean = (right: Uint8Array): number => right.reduce((sum, one) => sum + one, 0) / right.length;
  const importance = { name: 'importance', kind: 'importance' } as const;
  const drift = await profileRows(columns, keptRows(batch), keptRows(reference));
  const shifts = [
    ...drift.shifts,
    numericShift(importance, ground.importanceOf(validation), ground.importanceOf(fresh)),
  ].sort((a, b) => b.psi - b.chance - (a.psi - a.chance));
  const cut = (table: ColumnBatch): SliceColumn[] => [
    { name: 'target', values: textColumn(table, 'target'), kind: 'categorical' },
    ...adaptedSlices(ground, table),
  ];
  const shared = sharedSlices(cut(ground.validationTable), cut(ground.freshTable), SLICE_SUPPORT);
  const slices = sliceShifts({ reference: before, current: now }, shared);
  // What it once could do counts, too: a champion that has learned to live with a drift would never look worse.
  const aspired = Math.max(mean(before), version.metrics['accuracy']?.value ?? 0);
  const rows = { fresh: now.length, test: ground.test.targets.length, unknown: ground.unknown, replayed: 0 };
  return {
    signs: { shifts, slices, before: aspired, now },
    told: {
      champion: `${version.name}@${version.version}`,
      ...{ rows, shifts, slices, accuracy: { before: aspired, now: mean(now) } },
    },
  };
}

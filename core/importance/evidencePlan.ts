import type { Model } from '../../contracts/model.js';
import type { Task } from '../tasks/task.js';
import type { ImportanceEstimator } from './estimator.js';

/**
 * What a run makes for its estimator beside out-of-fold logits, which every run makes. Plain data: whoever starts the
 * run says it, since workflows know neither estimators nor models.
 */
export interface EvidencePlan {
  /** One fit of the model that logs its logits after every epoch. */
  readonly dynamics: boolean;
  /** What is kept of one descent of a linear model over the features; nothing: there is none. */
  readonly descent: readonly ('dynamics' | 'checkpoints')[];
  /** Groups as the user named them, not joined with near-duplicates. */
  readonly groups: boolean;
  /** Rounds of a game, dealt out unit by unit. */
  readonly game: boolean;
  /** How often the evidence is refined, where the user says nothing; runs that began before it was have none. */
  readonly refinements?: number;
}

/** Of a model that is fitted in seconds. */
const REFINEMENTS = 3;

/**
 * A model that is solved has no epochs to speak of: its dynamics are those of a descent. Evidence is refined where
 * targets can be wrong, unless a network would be trained for it.
 */
export function evidencePlan(
  { requires, game }: Pick<ImportanceEstimator, 'requires' | 'game'>,
  { isSolved, usesEngine }: Pick<Model, 'isSolved' | 'usesEngine'>,
  { aleatoric, judges }: Pick<Task, 'aleatoric' | 'judges'>,
): EvidencePlan {
  const wantsDynamics = requires.includes('trainingDynamics');
  return {
    dynamics: wantsDynamics && !isSolved,
    descent: [
      ...(wantsDynamics && isSolved ? (['dynamics'] as const) : []),
      ...(requires.includes('checkpoints') ? (['checkpoints'] as const) : []),
    ],
    groups: requires.includes('groups'),
    game: game !== undefined,
    refinements: usesEngine || aleatoric || judges === 'groups' ? 0 : REFINEMENTS,
  };
}

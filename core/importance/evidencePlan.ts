import type { Model } from '../../contracts/model.js';
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
}

/** A model that is solved has no epochs to speak of: its dynamics are those of a descent. */
export function evidencePlan(
  { requires, game }: Pick<ImportanceEstimator, 'requires' | 'game'>,
  model: Pick<Model, 'isSolved'>,
): EvidencePlan {
  const isSolved = model.isSolved ?? false;
  const wantsDynamics = requires.includes('trainingDynamics');
  return {
    dynamics: wantsDynamics && !isSolved,
    descent: [
      ...(wantsDynamics && isSolved ? (['dynamics'] as const) : []),
      ...(requires.includes('checkpoints') ? (['checkpoints'] as const) : []),
    ],
    groups: requires.includes('groups'),
    game: game !== undefined,
  };
}

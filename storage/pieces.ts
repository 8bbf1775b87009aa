import type { Pieces } from '../contracts/store.js';
import { canonicalJson, sha256 } from './hash.js';
import type { FinishedStages } from './stageCache.js';

/** Whose pieces they are: other code makes other ones. */
export interface PieceOwner {
  readonly stage: string;
  readonly codeVersion: string;
}

/** Pieces of a stage's work in the cache of stages, as entries of `<stage>Piece`. */
export function openPieces(finished: FinishedStages, { stage: owner, codeVersion }: PieceOwner): Pieces {
  const stage = `${owner}Piece`;
  const keyOf = (decidedBy: unknown): string => sha256(canonicalJson({ stage, codeVersion, decidedBy }));
  return {
    async find(decidedBy) {
      const entry = await finished.lookup(stage, keyOf(decidedBy));
      return entry && { outputs: entry.outputs, figures: entry.figures };
    },
    keep: (decidedBy, output) =>
      finished.record({
        ...{ formatVersion: 1, stage, codeVersion, stageKey: keyOf(decidedBy) },
        ...{ seed: 0, params: decidedBy, inputs: {}, ...output },
      }),
  };
}

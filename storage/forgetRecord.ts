import { z } from 'zod';
import { ArtifactRef, Sha256 } from '../contracts/artifact.js';

/** Where the records of deletion requests lie: `forgotten/<hash of the id>/<time>.json`. */
export const FORGOTTEN = 'forgotten/';

/** That a sample was forgotten: who did it, when, and what became of everything that held it. */
export const ForgetRecord = z.strictObject({
  formatVersion: z.literal(1),
  /** SHA-256 of the sample's id: the id itself would be what was to be forgotten. */
  idSha256: Sha256,
  by: z.string(),
  startedAt: z.iso.datetime(),
  /** Null until everything was removed: then the same command goes on. */
  endedAt: z.iso.datetime().nullable(),
  /** Tables that were written again without the sample. */
  rewritten: z.array(z.strictObject({ from: ArtifactRef, to: ArtifactRef })),
  removed: z.array(ArtifactRef),
  /** Finished stages that the cache no longer has. */
  stages: z.array(Sha256),
  /** Models, and what they are run with, that learned from the sample: to be retrained, then removed. */
  retrain: z.array(ArtifactRef),
  runs: z.array(z.string()),
});
export type ForgetRecord = z.infer<typeof ForgetRecord>;

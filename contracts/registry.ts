import { z } from 'zod';
import { ArtifactRef, Sha256 } from './artifact.js';
import { EngineChoice } from './engine.js';
import { Columns } from './settings.js';
import { Estimate } from './summary.js';

/** Alias of the model in use. */
export const CHAMPION = 'champion';

/** What cleaning did to every row, with what it had learned from the training rows: prediction does it too. */
export const Treatment = z.strictObject({
  clip: z.array(z.strictObject({ column: z.string(), low: z.number(), high: z.number() })),
  fill: z.array(z.strictObject({ column: z.string(), value: z.union([z.number(), z.string()]) })),
});
export type Treatment = z.infer<typeof Treatment>;

/** What a model is, and what it came from; who registers it says this. */
export const ModelDraft = z.strictObject({
  name: z.string(),
  runId: z.string(),
  task: z.string(),
  seed: z.int(),
  /** Name and parameters, the chosen regularisation among them. */
  model: z.object({ name: z.string() }).catchall(z.json()),
  engine: EngineChoice,
  /** Weighting policy of its training rows. */
  policy: z.string(),
  columns: Columns,
  treatment: Treatment,
  artifacts: z.strictObject({
    weights: ArtifactRef,
    featurizer: ArtifactRef,
    classes: ArtifactRef,
    card: ArtifactRef,
    dataset: ArtifactRef, // cleaned
    samples: ArtifactRef, // who was on which side
    sampleWeights: ArtifactRef.optional(),
    analysis: ArtifactRef.optional(),
    gate: ArtifactRef.optional(),
  }),
  config: z.json(),
  /** On the test split; empty where the analysis was skipped. */
  metrics: z.record(z.string(), Estimate),
  /** The one that decides; null where the analysis was skipped. */
  metric: z.string().nullable(),
  /** What the gate said; null where it was skipped. */
  gate: z.strictObject({ promoted: z.boolean(), reason: z.string() }).nullable(),
  /** The stages that made it, with the versions of their code. */
  stages: z.array(
    z.strictObject({ path: z.string(), stage: z.string(), stageKey: Sha256, codeVersion: z.string() }),
  ),
});
export type ModelDraft = z.infer<typeof ModelDraft>;

/** A registered model, under `models/<name>/versions/<version>.json`. Never altered. */
export const ModelVersion = ModelDraft.extend({
  formatVersion: z.literal(1),
  version: z.int().positive(),
  createdAt: z.iso.datetime(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** That an alias was given to a version, under `models/<name>/alias/<number>.json`: the last one of an alias holds. */
export const AliasMove = z.strictObject({
  formatVersion: z.literal(1),
  number: z.int().positive(),
  alias: z.string(),
  version: z.int().positive(),
  action: z.enum(['promote', 'rollback']),
  at: z.iso.datetime(),
  by: z.string().min(1),
  why: z.string(),
  /** Present where a run moved it. */
  runId: z.string().optional(),
});
export type AliasMove = z.infer<typeof AliasMove>;

export interface MoveRequest extends Pick<
  AliasMove,
  'alias' | 'version' | 'action' | 'by' | 'why' | 'runId'
> {
  readonly name: string;
  /** Number of the move by which the alias is held now, 0 where nobody holds it; undefined: whoever holds it. */
  readonly expected?: number;
}

/** Models and their aliases. Records are created, never changed: two writers can't lose each other's. */
export interface ModelRegistry {
  /** In order of the alphabet. */
  names(): Promise<readonly string[]>;
  /** Oldest first; empty for a name that nobody has. */
  versions(name: string): Promise<readonly ModelVersion[]>;
  version(name: string, version: number): Promise<ModelVersion | undefined>;
  /** The version of just this model: the one that is there already, or a new one. */
  register(draft: ModelDraft): Promise<ModelVersion>;
  /** Every move of every alias of a name, oldest first. */
  moves(name: string): Promise<readonly AliasMove[]>;
  /** The move by which an alias is held. */
  holder(name: string, alias: string): Promise<AliasMove | undefined>;
  /**
   * @returns undefined when the alias is not held as expected any more
   * @throws ConfigError when there is no such version
   */
  move(request: MoveRequest): Promise<AliasMove | undefined>;
}

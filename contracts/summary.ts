import { z } from 'zod';
import { RunDetail } from './detail.js';
import { Profile } from './drift.js';
import { KnowledgeSummary } from './knowledge.js';
import { Artifacts, Figures } from './stage.js';
import { Approval, StageStatus, Successor } from './run.js';
import { TuningSummary } from './tune.js';
import { Estimate } from './estimate.js';

export { Estimate };

/** One way of training that the analysis compares on the test split. */
export const ArmSummary = z.strictObject({
  name: z.enum(['uniform', 'shuffled', 'weighted']),
  policy: z.string(),
  strength: z.number(), // of the model's own regularisation
  metrics: z.record(z.string(), Estimate),
});
export type ArmSummary = z.infer<typeof ArmSummary>;

export const SliceSummary = z.strictObject({
  name: z.string(), // `category = Rugs`
  support: z.int(),
  uniform: Estimate,
  weighted: Estimate,
});
export type SliceSummary = z.infer<typeof SliceSummary>;

/** Candidate of a round, as the acceptance test saw it. */
export const CandidateSummary = z.strictObject({
  policy: z.string(),
  strength: z.number(),
  metric: z.number(), // nested out of fold, pooled with validation
  gain: z.number(), // against the incumbent
  pValue: z.number(), // max-T over all candidates of the round
  effectiveSampleSize: z.number(), // share of n
});
export const RoundSummary = z.strictObject({
  round: z.int().nonnegative(),
  candidates: z.array(CandidateSummary),
  accepted: z.string().nullable(), // policy, or null: the incumbent stays
  incumbent: z.string(),
  metric: z.number(), // of the incumbent after the round
  reason: z.string(),
  /** Gain of the accepted candidate, else of the best, over the incumbent; not corrected for being the best of several. */
  effect: Estimate.optional(),
});
export type RoundSummary = z.infer<typeof RoundSummary>;

/** What out-of-fold predictions say of a slice of training rows, r the probability that a label is right. */
export const SliceTrust = z.strictObject({
  slice: z.string(),
  support: z.int(), // training rows
  trustedError: z.number(), // Σ r·wrong / Σ r
  noiseRate: z.number(), // 1 − mean r
});
export type SliceTrust = z.infer<typeof SliceTrust>;

/** A round's proposal to raise the weight of one slice, and what became of it; a JSON document. */
export const BoostSummary = z.strictObject({
  round: z.int().positive(),
  /** Null: no slice qualified. */
  proposal: SliceTrust.extend({ factor: z.number() }).nullable(), // factor: b after the boost
  /** Of all training rows. */
  overall: SliceTrust,
  outerFolds: z.int(),
  agreeing: z.int(), // outer folds that propose the same slice by themselves
  /** Null where there was nothing to try. All of held-out rows, each in the slice that its own unit proposed. */
  test: z
    .strictObject({
      support: z.int(),
      wins: z.int(), // groups that only the boosted model has right
      losses: z.int(),
      pValue: z.number(), // McNemar, exact
      adjusted: z.number(), // Holm over the proposals that the run may make
      sliceChange: z.number(),
      change: z.number(), // of the metric, over all held-out rows
    })
    .nullable(),
  accepted: z.boolean(),
  reason: z.string(),
  /** Slices whose labels are too noisy to be trusted: to be relabelled, never boosted. Noisiest first. */
  relabel: z.array(SliceTrust),
});
export type BoostSummary = z.infer<typeof BoostSummary>;

/** Noise rates of who or what gave the labels, the noisiest first; a JSON document. */
export const SourceTable = z.strictObject({
  column: z.string(),
  mean: z.number(), // of all sources, what rates are shrunken to
  strength: z.number(), // samples that the mean counts for
  count: z.int(), // sources in all
  sources: z.array(
    z.strictObject({
      name: z.string(),
      samples: z.int(),
      raw: z.number(), // mean probability of a wrong label
      rate: z.number(), // shrunken
      low: z.number(), // 95%, of the posterior
      high: z.number(),
    }),
  ),
});
export type SourceTable = z.infer<typeof SourceTable>;

/** What scoring found beside the scores, and what it cost. */
export const ImportanceSummary = z.strictObject({
  warnings: z.array(z.string()),
  /** Present where scores are the mean of several cross-fits. */
  trust: z.strictObject({ rankStability: z.number(), reliability: z.number() }).optional(),
  /** Present where a game was played over all training rows. */
  game: z
    .strictObject({
      units: z.int(),
      lost: z.int().optional(), // failed beyond retries, and left out
      halfWidth: z.number().optional(), // of the widest 95% interval; unknown at first
      rankCorrelation: z.number().optional(), // with the values a round before
    })
    .optional(),
  sources: SourceTable.optional(),
  /** Of scoring and of all rounds. */
  cost: z.strictObject({ seconds: z.number(), fits: z.int() }),
});
export type ImportanceSummary = z.infer<typeof ImportanceSummary>;

/** How well rows that belong to no class are told from the others by low confidence. */
export const ScopeReport = z.strictObject({
  score: z.enum(['max_probability', 'energy']),
  threshold: z.number(), // from validation rows; below it a row counts as foreign
  rocAuc: z.number(),
  averagePrecision: z.number(),
  foreign: z.int(), // test rows
  caught: z.int(), // of them, below the threshold
  known: z.int(), // test rows
  refused: z.int(), // of them, below the threshold
});
export type ScopeReport = z.infer<typeof ScopeReport>;

/** What another policy would have earned on the test rows, by those that were logged with their chances. */
export const CounterfactualReport = z.strictObject({
  target: z.string(), // the column of its chances, or the one chance
  outcome: z.string(), // class that counts 1
  rows: z.int(),
  outcomes: z.int(), // rows of that class
  estimates: z.array(
    Estimate.extend({
      name: z.enum(['logged', 'ips', 'clipped_ips', 'snips']),
      effectiveSampleSize: z.number(), // rows
      largestWeight: z.number(),
      clipped: z.int(), // rows
    }),
  ),
});
export type CounterfactualReport = z.infer<typeof CounterfactualReport>;

/** What the stage `analyse` finds; a JSON document. */
export const Analysis = z.strictObject({
  metric: z.string(), // the one that decides
  arms: z.array(ArmSummary),
  perClass: z.array(
    z.strictObject({
      name: z.string(),
      support: z.int(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
    }),
  ),
  /** counts[true][predicted], of the weighted arm */
  confusion: z.array(z.array(z.int())),
  calibration: z.array(z.strictObject({ confidence: z.number(), accuracy: z.number(), count: z.int() })),
  slices: z.array(SliceSummary), // worst first
  /** Present where analyse.outOfScope names the target of such rows. */
  outOfScope: z.array(ScopeReport).optional(),
  /** Present where analyse.counterfactual asks for another policy. */
  counterfactual: CounterfactualReport.optional(),
  testOpenings: z.int().positive(),
});
export type Analysis = z.infer<typeof Analysis>;

export const GateDecision = z.strictObject({
  promoted: z.boolean(),
  /** Every check: what, found, allowed. */
  checks: z.array(
    z.strictObject({
      name: z.string(),
      passed: z.boolean(),
      found: z.string(),
      allowed: z.string(),
      detail: z.string(),
      /** What was measured, where, how sure it is, and what it was held against; of changes, as shares. */
      metric: z.string().optional(),
      slice: z.string().optional(),
      interval: z.strictObject({ low: z.number(), high: z.number() }).optional(),
      threshold: z.number().optional(),
    }),
  ),
  reason: z.string(), // one sentence
});
export type GateDecision = z.infer<typeof GateDecision>;

/** A training sample as the report shows it. */
export const SampleExample = z.strictObject({
  id: z.string(),
  text: z.string(),
  target: z.string(),
  predicted: z.string(),
  score: z.number(),
  weight: z.number(),
});
export type SampleExample = z.infer<typeof SampleExample>;

export const QuarantineSummary = z.strictObject({
  rule: z.string(),
  rows: z.int(),
  examples: z.array(z.strictObject({ id: z.string(), where: z.string(), reason: z.string() })),
});

/** The version that a run's model became, and whether it is the champion. */
export const Registered = z.strictObject({
  model: z.string(), // `catalogue@3`
  promoted: z.boolean(),
  told: z.string().optional(),
});

/** Everything that the report shows; `report.json` beside the page holds the same. */
export const RunSummary = z.strictObject({
  runId: z.string(),
  /** Present where the run did anew what another did. */
  successorOf: Successor.optional(),
  /** Why the loop played no further round. */
  loopEnded: z.string().optional(),
  /** Of a model that passed the gate, where a person was asked. */
  approval: Approval.optional(),
  /** Present where the model became a version in the registry. */
  registered: Registered.optional(),
  name: z.string(),
  task: z.string(),
  seed: z.int(),
  config: z.json(),
  stages: z.array(StageStatus),
  rows: z.strictObject({
    read: z.int(),
    kept: z.int(),
    quarantined: z.int(),
    train: z.int(),
    validation: z.int(),
    test: z.int(),
  }),
  contract: z.array(
    z.strictObject({ column: z.string(), rule: z.string(), found: z.string(), passed: z.boolean() }),
  ),
  quarantine: z.array(QuarantineSummary),
  profile: Profile.optional(),
  /** Present where the run was told what people know. */
  knowledge: KnowledgeSummary.optional(),
  /** Present where settings were searched. */
  tuning: TuningSummary.optional(),
  rounds: z.array(RoundSummary),
  boosts: z.array(BoostSummary).default([]),
  weights: z.strictObject({
    policy: z.string(),
    estimator: z.string(),
    effectiveSampleSize: z.number(), // share of n
    mixedWithUniform: z.number(), // λ
    histogram: z.array(z.strictObject({ low: z.number(), high: z.number(), count: z.int() })),
  }),
  scores: z.strictObject({
    unit: z.string(),
    mean: z.number(),
    histogram: z.array(z.strictObject({ low: z.number(), high: z.number(), count: z.int() })),
    most: z.array(SampleExample),
    least: z.array(SampleExample),
  }),
  importance: ImportanceSummary.optional(),
  /** What is drawn of samples, classes and slices. */
  detail: RunDetail.optional(),
  crossValidation: z.array(
    z.strictObject({
      arm: z.string(),
      metric: z.string(),
      mean: z.number(),
      standardDeviation: z.number(),
      perFold: z.array(z.number()),
    }),
  ),
  analysis: Analysis.nullable(), // null where the stage was skipped
  gate: GateDecision.nullable(),
  lineage: z.array(
    z.strictObject({
      stage: z.string(),
      stageKey: z.string(),
      inputs: Artifacts,
      outputs: Artifacts,
      figures: Figures,
    }),
  ),
});
export type RunSummary = z.infer<typeof RunSummary>;

import { z } from 'zod';

/** Scores and weights of the training samples of a class or slice. */
export const ScoreGroup = z.strictObject({
  name: z.string(),
  samples: z.int(),
  /** Of the scores: 5%, 25%, 50%, 75%, 95%. */
  quantiles: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]),
  meanWeight: z.number(),
});
export type ScoreGroup = z.infer<typeof ScoreGroup>;

/** A sample of the map, with how often it was predicted right, and its id. */
const MapPoint = z.tuple([z.number(), z.number(), z.number(), z.string().optional()]); // x, y, correctness in [0, 1]

/** Where training samples lie by how they are learned. */
export const DataMapSummary = z.strictObject({
  /** dynamics: variability × confidence over epochs; outOfFold: margin × confidence of models that never saw them. */
  kind: z.enum(['dynamics', 'outOfFold']),
  samples: z.int(),
  points: z.array(MapPoint), // a simple random sample where there are many
  /** Shares of easy, ambiguous and hard samples. */
  regions: z.strictObject({ easy: z.number(), ambiguous: z.number(), hard: z.number() }),
});
export type DataMapSummary = z.infer<typeof DataMapSummary>;

/** A piece of a sample's text, and what it adds to one class against another, in nats of their log-odds. */
export const TextPart = z.strictObject({ text: z.string(), value: z.number() });
export type TextPart = z.infer<typeof TextPart>;

/** A word (or a feature that is no text), and what it adds to a class where it stands, on average, in nats of log-odds. */
export const WordShare = z.strictObject({ word: z.string(), value: z.number(), texts: z.int() });
export type WordShare = z.infer<typeof WordShare>;

/** What the final model looks at to say a class rather than another: the mean of all others. */
export const ClassExplanation = z.strictObject({
  name: z.string(),
  texts: z.int(), // that were taken apart
  toward: z.array(WordShare),
  against: z.array(WordShare),
  /** A text that it is surest of; parts, rest and baseline add up to the output. */
  example: z.strictObject({
    id: z.string(),
    probability: z.number(),
    parts: z.array(TextPart),
    rest: z.number(), // of what is no text, and of text that is not shown
    baseline: z.number(),
    output: z.number(),
  }),
});
export type ClassExplanation = z.infer<typeof ClassExplanation>;

/** A training sample whose label is probably wrong. */
export const Suspect = z.strictObject({
  id: z.string(),
  text: z.string(),
  given: z.string(),
  suggested: z.string(),
  givenProbability: z.number(), // by models that never saw it
  suggestedProbability: z.number(),
  score: z.number().nullable(), // null: the run scored nothing
  weight: z.number(),
  /** The text in pieces, each with what it says for the suggested class against the given one. */
  parts: z.array(TextPart).optional(),
});
export type Suspect = z.infer<typeof Suspect>;

/** A part of the test split, by both ways of training. */
export const SliceRow = z.strictObject({
  name: z.string(),
  support: z.int(),
  uniform: z.number(),
  weighted: z.number(),
  /** Half of the 95% interval of their difference, by rows (paired, normal). */
  margin: z.number(),
});
export type SliceRow = z.infer<typeof SliceRow>;

/** How a training went from epoch to epoch, or from one iteration of boosting to the next. */
export const LearningCurve = z.strictObject({
  arm: z.string(),
  unit: z.enum(['epoch', 'iteration']).default('epoch'),
  losses: z.array(z.number()), // of training, while it went on; empty where it was no cross entropy
  /** How good the validation split was after each; empty where nobody judged. */
  metric: z.string().default(''),
  qualities: z.array(z.number()).default([]),
  /** Which one the model is from; from 1. */
  kept: z.int().optional(),
});
export type LearningCurve = z.infer<typeof LearningCurve>;

/** What the report draws of samples, classes and slices; gathered once, at the end of a run. */
export const RunDetail = z.strictObject({
  learning: z.array(LearningCurve),
  /** Of the weighted arm on the test split; the hardest classes first. */
  precisionRecall: z.array(
    z.strictObject({
      name: z.string(),
      support: z.int(),
      averagePrecision: z.number(),
      precisions: z.array(z.number()), // highest precision at a recall of at least i/(length − 1)
    }),
  ),
  scoresBy: z.array(z.strictObject({ column: z.string(), groups: z.array(ScoreGroup) })),
  dataMap: DataMapSummary.nullable(),
  /** Of models that can be taken apart; `of` is the number of classes that are predicted at all. */
  explanations: z.strictObject({ of: z.int(), classes: z.array(ClassExplanation) }).optional(),
  suspects: z.strictObject({ found: z.int(), of: z.int(), shown: z.array(Suspect) }).nullable(),
  slices: z.strictObject({ found: z.int(), shown: z.array(SliceRow) }),
});
export type RunDetail = z.infer<typeof RunDetail>;

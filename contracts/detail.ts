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

/** What a training lost from epoch to epoch. */
export const LearningCurve = z.strictObject({ arm: z.string(), losses: z.array(z.number()) });
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
  suspects: z.strictObject({ found: z.int(), of: z.int(), shown: z.array(Suspect) }).nullable(),
  slices: z.strictObject({ found: z.int(), shown: z.array(SliceRow) }),
});
export type RunDetail = z.infer<typeof RunDetail>;

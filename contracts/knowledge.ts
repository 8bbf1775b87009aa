import { z } from 'zod';

const Words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(200)]);

/** What a cell must be like; several wishes must all be met. */
export const CellTest = z
  .strictObject({
    column: z.string(),
    contains: Words.optional().describe('any of these words or phrases, as whole words, in any case'),
    equals: Words.optional().describe('any of these texts, whole, in any case'),
    above: z.number().optional(),
    below: z.number().optional(),
    missing: z.boolean().optional(),
  })
  .refine((test) => Object.keys(test).length > 1, 'expected contains, equals, above, below or missing');
export type CellTest = z.infer<typeof CellTest>;

const Clause = z.union([
  CellTest,
  z.strictObject({ all: z.array(CellTest).min(1).describe('tests that must all hold') }),
  z.strictObject({ any: z.array(CellTest).min(1).describe('tests of which one must hold') }),
  z.strictObject({ not: CellTest }),
]);
export type Clause = z.infer<typeof Clause>;

/** Tests of cells, joined by all, any and not, two levels deep. Data, never code. */
export const Condition = z.union([
  Clause,
  z.strictObject({ all: z.array(Clause).min(1).describe('tests that must all hold') }),
  z.strictObject({ any: z.array(Clause).min(1).describe('tests of which one must hold') }),
]);
export type Condition = z.infer<typeof Condition>;

export const Rule = z.strictObject({
  name: z.string().min(1).max(80).describe('what reports call it'),
  if: Condition.describe('tests of cells, joined by all, any and not, two levels deep'),
  then: z.string().min(1).describe('the target that such a row should have'),
});
export type Rule = z.infer<typeof Rule>;

/** What people know of the data before any model does. */
export const KnowledgeConfig = z.strictObject({
  rules: z.array(Rule).max(1000).default([]).describe('what rows of a kind are'),
  graph: z
    .string()
    .optional()
    .describe(
      'table (CSV, TSV, JSONL, Parquet; paths as for dataset.source) of facts: columns subject, relation, object; relations is_a and called are understood, all others become features',
    ),
  check: z
    .enum(['report', 'quarantine'])
    .default('report')
    .describe('rows that contradict it: named in the report, or training rows taken out, too'),
  features: z.boolean().default(true).describe('a feature for every rule and every fact that a row mentions'),
});
export type KnowledgeConfig = z.infer<typeof KnowledgeConfig>;

/** One fact of the graph. */
export const Fact = z.tuple([z.string(), z.string(), z.string()]); // subject, relation, object
export type Fact = z.infer<typeof Fact>;

/** Rules and facts together, as a run keeps them; a JSON document. */
export const Knowledge = z.strictObject({ rules: z.array(Rule), facts: z.array(Fact) });
export type Knowledge = z.infer<typeof Knowledge>;

/** How the targets of training rows stand to what is known; a JSON document. */
export const KnowledgeSummary = z.strictObject({
  rules: z.array(
    z.strictObject({
      name: z.string(),
      expects: z.string(),
      fired: z.int(), // training rows that it speaks of
      agrees: z.int(), // of these, rows whose target is as it says
    }),
  ),
  examples: z.array(
    z.strictObject({ id: z.string(), rule: z.string(), expected: z.string(), target: z.string() }),
  ),
  contradicted: z.int(), // training rows that any rule or fact contradicts
  quarantined: z.int(), // of these, rows that were taken out
});
export type KnowledgeSummary = z.infer<typeof KnowledgeSummary>;

import { z } from 'zod';

/** What a run, or its loop, may spend. */
export const Budget = z.strictObject({
  hours: z
    .number()
    .positive()
    .optional()
    .describe('time that it may take; waiting for an operator not counted'),
  cost: z.number().positive().optional().describe('hours × costPerHour that it may take'),
  costPerHour: z.number().positive().optional().describe('in whatever currency'),
});
export const BudgetConfig = Budget.describe(
  'of the run: when it is spent, the loop ends after the round that is under way, and the run goes on with the best so far',
);

/** Whose work goes first on shared queues. */
export const PriorityConfig = z.strictObject({
  key: z.int().min(1).max(5).optional().describe('on shared queues; 1 goes first, 3 where left out'),
  team: z.string().min(1).max(64).optional().describe('teams share the queues fairly (fairness key)'),
  weight: z
    .number()
    .min(0.001)
    .max(1000)
    .optional()
    .describe("the team's share beside others, 1 where left out"),
});
export type PriorityConfig = z.infer<typeof PriorityConfig>;

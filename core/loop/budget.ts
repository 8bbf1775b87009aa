/** What may be spent. No imports here: workflows run this file. */
export interface Budget {
  readonly hours?: number | undefined;
  readonly cost?: number | undefined;
  /** Without it, cost is not known and not limited. */
  readonly costPerHour?: number | undefined;
}

const MS_PER_HOUR = 3_600_000;

/** Why nothing is left of a budget, in one sentence that names its setting; undefined while something is. */
export function spentReason(setting: string, budget: Budget, elapsedMs: number): string | undefined {
  const hours = elapsedMs / MS_PER_HOUR;
  if (budget.hours !== undefined && hours >= budget.hours)
    return `The budget is spent: ${hours.toFixed(2)} of ${setting}.hours = ${budget.hours}.`;
  const cost = hours * (budget.costPerHour ?? 0);
  if (budget.cost !== undefined && cost >= budget.cost)
    return `The budget is spent: ${cost.toFixed(2)} of ${setting}.cost = ${budget.cost}.`;
  return undefined;
}

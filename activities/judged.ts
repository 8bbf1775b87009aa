import type { Judged, Task } from '../core/tasks/index.js';
import type { Predictions } from './unit.js';
import type { SampleTable } from './prepared.js';

/** Predictions of some rows of the run's table, beside the truth. */
export type JudgedRows = Judged & { readonly groups: Int32Array };

export const judgedRows = (
  { targets, groups }: Pick<SampleTable, 'targets' | 'groups'>,
  { rows, outputs, logits }: Predictions,
): JudgedRows => ({
  targets: rows.map((row) => targets[row]!),
  groups: rows.map((row) => groups[row]!),
  logits: { rows: rows.length, cols: outputs, values: logits },
});

/** Group of each unit that the task judges, (u,). */
export const unitGroups = (task: Task, judged: JudgedRows): Int32Array =>
  task.unitsOf(judged).map((at) => judged.groups[at]!);

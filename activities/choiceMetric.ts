import type { Task } from '../core/tasks/task.js';
import type { SampleTable } from './prepared.js';

/** The metric that candidates are chosen by, from the shares of classes in the training rows. */
export function choiceMetric(task: Task, { targets, split, classes }: SampleTable): string {
  const counts = new Float64Array(classes.length);
  targets.forEach((target, row) => {
    if (split[row] === 0 && target >= 0) counts[target]! += 1;
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return task.choiceMetric(Array.from(counts, (count) => count / total));
}

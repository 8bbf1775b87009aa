import { findByName } from '../nearestName.js';
import { classification } from './classification.js';
import { type Task } from './task.js';

/** One line per task. RunConfig, the stages and the conformance test read this list. */
export const tasks = [classification] as const satisfies readonly Task[];

/**
 * The task of that name.
 *
 * @throws ConfigError that lists the known names and the nearest one
 */
export function taskByName(name: string): Task {
  return findByName<Task>('task', tasks, name);
}

export type { Judged, Task } from './task.js';

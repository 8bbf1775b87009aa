import { ConfigError } from '../../contracts/errors.js';
import { taskName, type TaskChoice } from '../../contracts/settings.js';
import { findByName } from '../nearestName.js';
import { classification } from './classification.js';
import { ctr } from './ctr.js';
import { ranking } from './ranking.js';
import { recommendation } from './recommendation.js';
import type { Task } from './task.js';

/** One line per task. RunConfig, the stages and the conformance test read this list. */
export const tasks = [classification, ranking, ctr, recommendation] as const satisfies readonly Task[];

/**
 * The task of that name.
 *
 * @throws ConfigError that lists the known names and the nearest one
 */
export function taskByName(name: string): Task {
  return findByName<Task>('task', tasks, name);
}

/** The task of that name, where there is one. */
export const taskNamed = (name: string): Task | undefined =>
  (tasks as readonly Task[]).find((task) => task.name === name);

/**
 * The task that was chosen, with its parameters.
 *
 * @throws ConfigError where there is none of that name, or it takes no such parameters
 */
export function taskOf(choice: TaskChoice): Task {
  const task = taskByName(taskName(choice));
  if (typeof choice === 'string') return task;
  const { name, ...params } = choice;
  if (task.configured) return task.configured(params);
  const [extra] = Object.keys(params);
  if (extra === undefined) return task;
  throw new ConfigError(`task.${extra}: the task ${name} takes nothing beside its name`);
}

export type { Judged, Task } from './task.js';

import { mlflowTracker } from './mlflow.js';
import { offlineTracker } from './offline.js';
import { tensorboardTracker } from './tensorboard.js';
import type { Tracker } from './tracker.js';

/** One line per tracker: the variable that switches it on, and what it makes of its value. */
const trackers: Readonly<Record<string, (value: string, environment: NodeJS.ProcessEnv) => Tracker>> = {
  ASSAY_TENSORBOARD_DIR: (folder) => tensorboardTracker(folder),
  MLFLOW_TRACKING_URI: (uri, environment) =>
    mlflowTracker(uri, { experiment: environment['MLFLOW_EXPERIMENT_NAME'] || 'assay' }),
  ASSAY_TRACKING_DIR: (folder) => offlineTracker(folder),
};

/** The trackers that the environment asks for. */
export const openTrackers = (environment: NodeJS.ProcessEnv): Tracker[] =>
  Object.entries(trackers).flatMap(([name, open]) => {
    const value = environment[name];
    return value ? [open(value, environment)] : [];
  });

export { createTracking } from './queue.js';

/** Every workflow, by its Temporal name. The bundle is built from this file. */
export { adapt } from './adapt.js';
export { benchmark } from './benchmark.js';
export { notification } from './notification.js';
export { retrain } from './retrain.js';
export { train } from './train.js';

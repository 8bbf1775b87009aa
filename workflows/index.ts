/** Every workflow, by its Temporal name. The bundle is built from this file. */
export { train } from './train.js';

import type { Model } from '../contracts/model.js';
import { findByName } from '../core/nearestName.js';
import { factorization } from './factorization.js';
import { linear } from './linear.js';
import { lstm } from './lstm.js';
import { mlp } from './mlp.js';
import { withShifts } from './shifted.js';
import { transformer } from './transformer.js';
import { trees } from './trees.js';

/** One line per model. RunConfig, the stages and the conformance test all read this list. */
export const models = [
  linear,
  mlp,
  lstm,
  transformer,
  trees,
  factorization,
] as const satisfies readonly Model[];

/**
 * The model of a name; its parameters are what its own `paramsSchema` parses.
 *
 * @throws ConfigError if there is none of this name
 */
export const modelByName = (name: string): Model => withShifts(findByName<Model>('model.name', models, name));

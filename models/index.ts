import { ConfigError } from '../contracts/errors.js';
import type { Model } from '../contracts/model.js';
import { linear } from './linear.js';

/** One line per model. RunConfig, the stages and the conformance test all read this list. */
export const models = [linear] as const satisfies readonly Model[];

/**
 * The model of a name; its parameters are what its own `paramsSchema` parses.
 *
 * @throws ConfigError if there is none of this name
 */
export function modelByName(name: string): Model {
  const model: Model | undefined = models.find((each) => each.name === name);
  if (model) return model;
  throw new ConfigError(`model.name: expected ${models.map((each) => each.name).join(' | ')}, got "${name}"`);
}

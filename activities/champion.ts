import { z } from 'zod';
import { CHAMPION } from '../contracts/registry.js';
import { writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ name: z.string() });
type Params = z.infer<typeof Params>;

/**
 * Which registered model the challenger has to beat, as it is now: never taken from the cache. A champion whose weights are
 * gone (a sample was forgotten, models and all) is nothing to compare with.
 */
export const champion: Stage<Params> = {
  name: 'champion',
  paramsSchema: Params,
  inputs: [],
  summary: ({ name }) => `look up the champion of ${name}`,
  async run({ params: { name } }, { registry, artifacts }) {
    const move = await registry.holder(name, CHAMPION);
    const held = move && (await registry.version(name, move.version));
    if (!move || !held) return { outputs: {}, figures: { champion: 'none', move: 0 } };
    const { weights, featurizer, classes, samples } = held.artifacts;
    const figures = { champion: `${name}@${held.version}`, move: move.number };
    for (const ref of [weights, featurizer, classes]) {
      if (!(await artifacts.verify(ref)))
        return { outputs: {}, figures: { ...figures, gone: `${ref.kind} ${ref.sha256.slice(0, 12)}` } };
    }
    const outputs = {
      version: [await writeDocument(artifacts, held)],
      weights: [weights],
      featurizer: [featurizer],
      classes: [classes],
    };
    return {
      outputs: (await artifacts.verify(samples)) ? { ...outputs, samples: [samples] } : outputs,
      figures: { ...figures, model: held.model.name, engine: held.engine },
    };
  },
};

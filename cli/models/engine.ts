import type { ArtifactStore } from '../../contracts/store.js';
import type { ModelSource } from '../../serving/servedModel.js';

/** Where models come from in this process; an engine is looked for only when a network wants one. */
export function modelSource(artifacts: ArtifactStore): ModelSource {
  return {
    artifacts,
    engine: async (choice) => {
      const { findEngines, openEngines } = await import('../../workers/engines.js');
      return openEngines(await findEngines('cpu', 1, process.env))(choice);
    },
  };
}

import type { DryRun, DryRunAsked } from '../contracts/run.js';
import { refuseResolution, withSettings, type Named, type RunState } from './progress.js';
import { finishedResult, type Shard } from './shards.js';

const THEN =
  'the stages that follow, taken from the cache where nothing that decides them has changed. ' +
  'Those before stay as they are: to do them anew, start a successor (assay retry RUN --from STAGE)';

/**
 * What a retry of the blocked stage would ask for again; or why it would be refused.
 *
 * @param shardsOf the blocked stage's shards, with the settings that `state` has then
 */
export function dryRun<Config extends Named>(
  state: RunState<Config>,
  shardsOf: () => readonly Shard[],
  { stage = state.blocked?.stage ?? '', set }: DryRunAsked = {},
): DryRun | { readonly refused: string } {
  const refused = refuseResolution(state, { action: 'retry', stage, ...(set ? { set } : {}) }, []);
  if (refused !== undefined) return { refused };
  const shards = withConfig(state, withSettings(state.config, set), shardsOf);
  const again = shards
    .filter((shard) => !finishedResult(state, shard))
    .map(({ path }) => ({
      path,
      because: state.done[path] ? 'what it is asked changes' : 'it has not succeeded',
    }));
  const stay = shards.filter((shard) => finishedResult(state, shard)).map(({ path }) => path);
  return { stage, again, stay, settings: settingsOf(state.config, set), then: THEN };
}

function withConfig<Config extends Named, T>(state: RunState<Config>, config: Config, look: () => T): T {
  const { config: before } = state;
  state.config = config;
  try {
    return look();
  } finally {
    state.config = before;
  }
}

/** Each setting with its value before and after, as JSON. */
function settingsOf(config: Named, set: DryRunAsked['set']): DryRun['settings'] {
  return Object.entries(set ?? {}).map(([path, value]) => {
    const before = path
      .split('.')
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], config);
    return { path, before: JSON.stringify(before) ?? 'nothing', after: JSON.stringify(value) };
  });
}

import { patched } from '@temporalio/workflow';
import type { RunConfig } from '../config/runConfig.js';
import type { AdaptRule, NewRows } from '../contracts/adapt.js';
import type { Artifacts, Figures, StageResult } from '../contracts/stage.js';
import type { StageRunner } from './stages.js';

/** What a model that adapts is told: how its rows are read, and by which rule it goes on. */
export interface AdaptConfig extends Pick<RunConfig, 'name' | 'seed' | 'dataset' | 'notify'> {
  readonly rule: AdaptRule;
}

/**
 * Looks who is champion, reads new rows, and lets it go on where that is worth it.
 *
 * @param path of its stages: `batch.3`; '' where the workflow does nothing else
 * @param config asked again where an operator has changed it
 */
export async function adaptTo(
  runner: StageRunner,
  path: string,
  rows: NewRows,
  config: () => AdaptConfig,
): Promise<Figures> {
  const { name } = config();
  const under = (stage: string): string => (path === '' ? stage : `${path}.${stage}`);
  const one = async (stage: string, paramsOf: () => object, inputs: Artifacts = {}) => {
    const shardOf = () => ({
      ...{ path: under(stage), stage, summary: path === '' ? stage : `${path}: ${stage}` },
      ...{ seed: config().seed, params: paramsOf(), inputs: { ...inputs } },
      ...(stage === 'adapt' ? {} : { fresh: true }),
    });
    return (await runner.run(under(stage), () => [shardOf()], { skippable: true }))?.[0];
  };
  const champion = await one('champion', () => ({ name }));
  const read = () => ({ dataset: { ...config().dataset, source: rows.source } });
  const version = champion?.outputs['version'];
  const ingest = asksRows(champion) ? await one('ingest', read) : undefined;
  const move = Number(champion?.figures['move'] ?? 0);
  const learned = () => ({
    ...{ rule: config().rule, by: rows.by, move },
    ...(rows.onlyNew ? { onlyNew: true } : {}),
  });
  const adapted =
    ingest && version
      ? await one('adapt', learned, { version, dataset: ingest.outputs['dataset']! })
      : undefined;
  const none = version ? 'a stage was skipped' : `${name} has no champion`;
  return adapted?.figures ?? { action: 'kept', reason: none };
}

/** Without a champion there is nothing that rows are for; workflows of before read them all the same. */
const asksRows = (champion: StageResult | undefined): boolean =>
  champion !== undefined && ('version' in champion.outputs || !patched('adapt-reads-for-a-champion'));

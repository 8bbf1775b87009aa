import type { RunConfig } from '../config/runConfig.js';
import { materialise } from '../infra/datasets.js';
import { absoluteSource, type Directories } from './directories.js';
import { tellDownloads } from './downloads.js';
import type { Terminal } from './terminal.js';

const BUILTIN = 'builtin:';

/**
 * A configuration as workers can use it wherever they were started: built-in data made, paths absolute, the schedule (the
 * server's business) left out.
 *
 * @returns with the file that tells the truth about planted noise, where there is one
 */
export async function prepareConfig(
  { schedule: _, ...config }: RunConfig,
  where: Directories,
  terminal: Terminal,
): Promise<{ config: RunConfig; truth?: string }> {
  const { dataset, truth } = await prepareSource(config.dataset, where, terminal);
  const { knowledge } = config;
  const facts = knowledge?.graph === undefined ? undefined : absoluteSource(knowledge.graph);
  const prepared = {
    ...{ ...config, dataset, ...(await preparePretraining(config, where, terminal)) },
    ...(knowledge && facts !== undefined ? { knowledge: { ...knowledge, graph: facts } } : {}),
  };
  return { config: prepared, ...(truth === undefined ? {} : { truth }) };
}

async function prepareSource(
  dataset: RunConfig['dataset'],
  where: Directories,
  terminal: Terminal,
): Promise<{ dataset: RunConfig['dataset']; truth?: string }> {
  const { source, plantNoise, joins } = dataset;
  const joined = joins && { joins: joins.map((one) => ({ ...one, source: absoluteSources(one.source) })) };
  if (typeof source !== 'string' || !source.startsWith(BUILTIN)) {
    return { dataset: { ...dataset, ...joined, source: absoluteSources(source) } };
  }
  const { table, truth } = await materialise(source.slice(BUILTIN.length), {
    outDirectory: where.data,
    onProgress: tellDownloads(terminal),
    ...(plantNoise === undefined ? {} : { noise: plantNoise }),
  });
  return { dataset: { ...dataset, ...joined, source: table }, truth };
}

const absoluteSources = (source: string | readonly string[]): string | string[] =>
  typeof source === 'string' ? absoluteSource(source) : source.map((one) => absoluteSource(one));

/** Text and encoders that a network starts from: workers find them wherever they were started. */
async function preparePretraining(
  { pretrain, model }: RunConfig,
  where: Directories,
  terminal: Terminal,
): Promise<Pick<RunConfig, 'model'> & Partial<Pick<RunConfig, 'pretrain'>>> {
  const started = {
    model:
      model.from === undefined
        ? model
        : ({ ...model, from: absoluteSource(model.from) } as RunConfig['model']),
  };
  if (pretrain?.source === undefined) return started;
  const source: string[] = [];
  for (const uri of [pretrain.source].flat()) {
    if (!uri.startsWith(BUILTIN)) source.push(absoluteSource(uri));
    else {
      const options = { outDirectory: where.data, onProgress: tellDownloads(terminal) };
      source.push((await materialise(uri.slice(BUILTIN.length), options)).table);
    }
  }
  return { ...started, pretrain: { ...pretrain, source } };
}

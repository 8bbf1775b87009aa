import type { ArtifactRef } from '../contracts/artifact.js';
import { ConfigError } from '../contracts/errors.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { featurizerFromBatches } from '../core/features/store.js';
import { gather, texts } from '../core/table.js';
import { exportBert } from '../models/bert/exportBert.js';
import { formatVocabulary } from '../models/bert/vocabulary.js';
import { encodeSafetensors } from '../storage/safetensors.js';

/**
 * A run's transformer as the files of a checkpoint that Hugging Face's library reads: config.json, model.safetensors,
 * and, where it was fed word pieces, vocab.txt and tokenizer_config.json.
 *
 * @throws ConfigError if the run's model is not built as BERT is
 */
export async function checkpointFiles(
  artifacts: ArtifactStore,
  outputs: Artifacts,
): Promise<ReadonlyMap<string, Uint8Array | string>> {
  const tensors = await artifacts.readModel(only(outputs, 'model'));
  if (!tensors.some(({ name }) => name === 'embeddings.tokens')) {
    throw new ConfigError('export: expected a run with model.name transformer, got another model');
  }
  const classes = texts(await gather(artifacts.readTable(only(outputs, 'classes'))), 'name') as string[];
  const { config, tensors: exported } = exportBert(tensors, classes);
  const files = new Map<string, Uint8Array | string>([
    ['config.json', json(config)],
    ['model.safetensors', encodeSafetensors(exported, { format: 'pt' })],
  ]);
  const batches: ColumnBatch[] = [];
  for await (const batch of artifacts.readTable(only(outputs, 'featurizer'))) batches.push(batch);
  const [block] = featurizerFromBatches(batches).blocks;
  if (block?.settings['tokenizer'] !== 'wordpiece') return files;
  const tokenizer = { tokenizer_class: 'BertTokenizer', do_lower_case: block.settings['lowerCase'] === 1 };
  return files
    .set('vocab.txt', formatVocabulary(block.features.map(({ term }) => term)))
    .set('tokenizer_config.json', json(tokenizer));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function only(outputs: Artifacts, name: string): ArtifactRef {
  const [ref] = outputs[name] ?? [];
  if (ref) return ref;
  throw new ConfigError(`export: the run left no ${name}: it was aborted or its stage was skipped`);
}

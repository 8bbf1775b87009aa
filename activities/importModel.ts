import { z } from 'zod';
import type { ColumnSpec } from '../contracts/artifact.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import { importBert } from '../models/bert/importBert.js';
import { parseVocabulary } from '../models/bert/vocabulary.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ from: z.string() });
type Params = z.infer<typeof Params>;

const VOCABULARY_COLUMNS = [
  { name: 'id', type: 'int32' },
  { name: 'token', type: 'utf8' },
] as const satisfies readonly ColumnSpec[];

/** Takes in a BERT checkpoint of others: its encoder to start from, and the vocabulary that it was made with. */
export const importModel: Stage<Params> = {
  name: 'importModel',
  paramsSchema: Params,
  inputs: [],
  summary: ({ from }) => `take in the encoder of ${from}`,
  async run({ params: { from } }, { artifacts, sources }) {
    const [config, text, weights] = await encoderFiles(from, sources);
    const parsed = jsonOf(await textOf(config!), config!.uri);
    const size = z.object({ vocab_size: z.int().positive() }).catch({ vocab_size: Infinity }).parse(parsed);
    const tokens = parseVocabulary(await textOf(text!), size.vocab_size);
    const tensors = importBert(parsed, (await sources.readSafetensors?.(weights!)) ?? []);
    const vocabulary = { id: Int32Array.from(tokens.keys()), token: tokens };
    return {
      outputs: {
        pretrained: [await artifacts.writeModel(tensors)],
        vocabulary: [
          await artifacts.writeTable('vocabulary', VOCABULARY_COLUMNS, [
            { rows: tokens.length, columns: vocabulary },
          ]),
        ],
      },
      figures: {
        tokens: tokens.length,
        parameters: tensors.reduce((sum, { data }) => sum + data.length, 0),
      },
    };
  },
};

/** Its configuration, its vocabulary, its weights. */
export const encoderFiles = (from: string, sources: SourceFiles): Promise<SourceFile[]> =>
  Promise.all(['config.json', 'vocab.txt', 'model.safetensors'].map((name) => fileOf(from, name, sources)));

async function fileOf(folder: string, name: string, sources: SourceFiles): Promise<SourceFile> {
  try {
    const [file] = await sources.resolve([`${folder.replace(/\/$/, '')}/${name}`]);
    return file!;
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    const message = `model.from: expected a folder with config.json, vocab.txt and model.safetensors; ${cause.message}`;
    throw new ConfigError(message, { cause });
  }
}

async function textOf(file: SourceFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function jsonOf(text: string, uri: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${uri}: expected JSON, ${String(cause)}`, { cause });
  }
}

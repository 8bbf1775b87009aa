import { z } from 'zod';
import type { ColumnSpec } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import type { SourceFile, SourceFiles } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { decodeLines } from '../core/ingest/lines.js';
import { inflated, readSource } from './readSource.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ source: z.array(z.string()).min(1), column: z.string() });
type Params = z.infer<typeof Params>;

/** Column of the texts, in the order of files and lines. */
const TEXT_COLUMNS = [{ name: 'text', type: 'utf8' }] as const satisfies readonly ColumnSpec[];

/** Reads the text that an encoder is pretrained on: what can't be read as a text is left out and counted. */
export const pretrainTexts: Stage<Params> = {
  name: 'pretrainTexts',
  paramsSchema: Params,
  inputs: [],
  summary: ({ source }) => `read text of ${source.join(', ')}`,
  async run({ params }, context) {
    const files = await context.sources.resolve(params.source);
    const counts = { texts: 0, leftOut: 0 };
    const batches = textBatches(files, params.column, context.sources, counts);
    const texts = await context.artifacts.writeTable('dataset', TEXT_COLUMNS, batches);
    if (counts.texts === 0) {
      throw new DataError(
        `pretrain.source: ${params.source.join(', ')} has no text in column ${params.column}`,
      );
    }
    return { outputs: { texts: [texts] }, figures: { files: files.length, ...counts } };
  },
};

async function* textBatches(
  files: readonly SourceFile[],
  column: string,
  sources: SourceFiles,
  counts: { texts: number; leftOut: number },
): AsyncGenerator<ColumnBatch> {
  for (const file of files) {
    const blocks = /\.txt(\.gz)?$/i.test(file.uri) ? linesOf(file) : cellsOf(file, column, sources);
    for await (const block of blocks) {
      const texts = block.filter((text): text is string => text !== null && text.trim() !== '');
      counts.texts += texts.length;
      counts.leftOut += block.length - texts.length;
      if (texts.length > 0) yield { rows: texts.length, columns: { text: texts } };
    }
  }
}

/** A text a line; null where it is none. */
async function* linesOf(file: SourceFile): AsyncGenerator<(string | null)[]> {
  const chunks = inflated(file, () => undefined);
  for await (const lines of decodeLines(chunks, { encoding: 'utf-8', file: file.uri })) {
    yield lines.map(({ text, problem }) => (problem ? null : text));
  }
}

async function* cellsOf(
  file: SourceFile,
  column: string,
  sources: SourceFiles,
): AsyncGenerator<(string | null)[]> {
  const options = { format: undefined, encoding: 'utf-8', received: () => undefined } as const;
  for await (const { header, records, unreadable } of readSource(file, sources, options)) {
    const at = header.indexOf(column);
    if (at < 0) {
      const known = header.join(', ');
      throw new DataError(`${file.uri}: expected the column "${column}" (pretrain.column), found ${known}`);
    }
    yield [...records.map(({ cells }) => cells[at] ?? null), ...unreadable.map(() => null)];
  }
}

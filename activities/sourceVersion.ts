import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SourceFile, StageContext } from '../contracts/store.js';
import { contentHash } from './contentHash.js';
import { encoderFiles } from './importModel.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  sources: z.array(z.string()).min(1),
  /** Folder of an encoder of others. */
  encoder: z.string().optional(),
});
type Params = z.infer<typeof Params>;

/**
 * What the user's files hold now, as one hash: of every file's name and content, wildcards looked up anew. A file that
 * was only touched or written again with the same bytes changes nothing. Where all files have the stamps of before,
 * none is read.
 */
export const sourceVersion: Stage<Params> = {
  name: 'sourceVersion',
  paramsSchema: Params,
  inputs: [],
  summary: ({ sources }) => `what is new in ${sources.join(', ')}`,
  async run({ params: { sources, encoder } }, context) {
    const found = [
      ...(await context.sources.resolve(sources)),
      ...(encoder === undefined ? [] : await encoderFiles(encoder, context.sources)),
    ];
    const stamps = found.map(({ stamp }) => stamp);
    const key = stamps.includes(undefined) ? undefined : { stamps: sha256(stamps.join('\n')) };
    const kept = key && (await context.pieces.find(key));
    const version = kept ? String(kept.figures['version']) : await versionOf(found, context);
    const output = { outputs: {}, figures: { version, files: found.length, bytes: bytesOf(found) } };
    if (key && !kept) await context.pieces.keep(key, output);
    return output;
  },
};

async function versionOf(found: readonly SourceFile[], context: StageContext): Promise<string> {
  const total = Math.max(1, bytesOf(found));
  let done = 0;
  const told = (bytes: number): void =>
    context.progress({ done: Math.min((done += bytes), total), total, unit: 'bytes' });
  const lines: string[] = [];
  for (const file of found)
    lines.push(`${JSON.stringify(file.uri)} ${await contentHash(file, context, told)}\n`);
  return sha256(lines.join(''));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const bytesOf = (files: readonly SourceFile[]): number =>
  files.reduce((sum, file) => sum + file.sizeBytes, 0);

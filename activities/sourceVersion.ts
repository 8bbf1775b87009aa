import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SourceFile } from '../contracts/store.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ sources: z.array(z.string()).min(1) });
type Params = z.infer<typeof Params>;

/**
 * What the user's files hold now, as one hash: of every file's name and content, wildcards looked up anew. A file that
 * was only touched or written again with the same bytes changes nothing.
 */
export const sourceVersion: Stage<Params> = {
  name: 'sourceVersion',
  paramsSchema: Params,
  inputs: [],
  summary: ({ sources }) => `what is new in ${sources.join(', ')}`,
  async run({ params: { sources } }, { sources: files, signal, progress }) {
    const found = await files.resolve(sources);
    const total = Math.max(1, bytesOf(found));
    const all = createHash('sha256');
    let done = 0;
    for (const file of found) {
      const content = createHash('sha256');
      for await (const chunk of file.open()) {
        signal.throwIfAborted();
        content.update(chunk);
        progress({ done: Math.min((done += chunk.length), total), total, unit: 'bytes' });
      }
      all.update(`${JSON.stringify(file.uri)} ${content.digest('hex')}\n`);
    }
    return {
      outputs: {},
      figures: { version: all.digest('hex'), files: found.length, bytes: bytesOf(found) },
    };
  },
};

const bytesOf = (files: readonly SourceFile[]): number =>
  files.reduce((sum, file) => sum + file.sizeBytes, 0);

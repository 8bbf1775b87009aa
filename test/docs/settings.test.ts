import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { editorSchema } from '../../config/editorSchema.js';
import { schemasAt } from '../../config/schemaPaths.js';
import { keyPaths } from '../config/keyPaths.js';
import { repositoryRoot } from '../paths.js';

const root = editorSchema();
/** Blocks that are of other programs, by their first key. */
const FOREIGN = ['terminationGracePeriodSeconds', 'history.transferProcessorMaxPollRPS'];

const pages = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
  .concat('README.md');

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gmu'))].map(
    ([, body = '']) => body,
  );

const unknownKeys = (value: object): string[] =>
  [...keyPaths(value)]
    .filter((path) => schemasAt(root, value, path).length === 0)
    .map((path) => path.join('.'));

describe('settings on the pages', () => {
  let shown = 0;
  for (const page of pages) {
    const text = readFileSync(join(repositoryRoot, page), 'utf8');
    const blocks = blocksOf(text, 'yaml');
    if (blocks.length > 0) {
      it(`are those that there are: ${page}`, () => {
        for (const block of blocks) {
          for (const document of parseAllDocuments(block)) {
            const value = document.toJS() as Record<string, unknown>;
            assert.deepEqual(document.errors, [], block);
            if (FOREIGN.includes(Object.keys(value)[0]!)) continue;
            assert.deepEqual(unknownKeys(value), [], block);
            shown++;
          }
        }
      });
    }
    const answers = blocksOf(text, 'json');
    if (answers.length > 0)
      it(`are JSON where they say so: ${page}`, () => void answers.map((one) => JSON.parse(one) as unknown));
  }

  it('are many, and a misspelt one is seen', () => {
    assert.ok(shown > 12, `${shown} blocks`);
    assert.deepEqual(unknownKeys({ tune: { metod: 'asha' }, model: { name: 'linear', C: 1 } }), [
      'tune.metod',
    ]);
  });
});

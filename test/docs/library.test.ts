import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { repositoryRoot } from '../paths.js';

const page = readFileSync(join(repositoryRoot, 'docs', 'library.md'), 'utf8');
const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1]!);

/** `assay/x` as users import it, to the same module of this very code, compiled or not. */
const here = (code: string): string =>
  code.replace(/'assay\/(\w+)'/g, (_, name: string) => {
    return `'${new URL(`../../core/${name}/index.js`, import.meta.url).href}'`;
  });

describe('docs/library.md', () => {
  it('has code', () => assert.ok(blocks.length >= 6, `${blocks.length} blocks`));

  blocks.forEach((block, number) => {
    const title = /^import .*$/m.exec(block)?.[0] ?? block.slice(0, 40);
    it(`block ${number + 1} prints what it says: ${title}`, async (t) => {
      const promised = [...block.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
      assert.ok(promised.length > 0, 'a block without a promised line');
      const printed: string[] = [];
      t.mock.method(console, 'log', (...values: unknown[]) => printed.push(format(...values)));
      const folder = mkdtempSync(join(tmpdir(), 'assay-docs-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'block.mjs');
      writeFileSync(file, here(block));
      await import(pathToFileURL(file).href);
      assert.deepEqual(printed, promised);
    });
  });

  it('names every module that the package exports', () => {
    const { exports } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    for (const path of Object.keys(exports)) {
      if (path !== './package.json') assert.ok(page.includes(`\`assay${path.slice(1)}\``), path);
    }
  });
});

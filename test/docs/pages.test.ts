import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { withCommon } from '../../cli/command.js';
import { commandList } from '../../cli/commandList.js';
import { repositoryRoot } from '../paths.js';

/** README, CONTRIBUTING and everything in docs/. */
function pages(): string[] {
  const docs = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(repositoryRoot, 'docs', name));
  return ['README.md', 'CONTRIBUTING.md'].map((name) => join(repositoryRoot, name)).concat(docs);
}

const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```$/gmu, '').replace(/`[^`\n]*`/gu, '');

/** Links to files of the project, outside of code. */
const linksOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/gu)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/iu.test(target));

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Lines of code blocks that call `assay`, without comments; continued lines joined. */
const callsOf = (text: string): string[] =>
  [...text.matchAll(/^```(?:sh|bash|console|)?\n([\s\S]*?)^```$/gmu)]
    .flatMap(([, body = '']) => body.replaceAll(/\\\n\s*/gu, ' ').split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /u, '')
        .replace(/\s#.*$/u, '')
        .trim(),
    )
    .map((line) => line.replace(/^([A-Z_]+=\S+ )*(npx )?/u, ''))
    .filter((line) => /^assay [a-z]/u.test(line));

/** Long options that a call uses; what stands in quotes or behind a pipe is no option of it. */
const flagsOf = (call: string): string[] =>
  [
    ...call
      .replace(/"[^"]*"|'[^']*'|\$\([^)]*\)/gu, '')
      .split(/ [|>&]/u)[0]!
      .matchAll(/ (--[a-z-]+)/gu),
  ].map(([, flag = '']) => flag);

const defined = new Map<string, Command>();

async function commandOf(name: string): Promise<Command | undefined> {
  const listed = commandList.find((one) => one.name === name);
  if (!listed || defined.has(name)) return defined.get(name);
  const command = withCommon(new Command(name));
  (await listed.load()).define(command);
  defined.set(name, command);
  return command;
}

describe('the pages', () => {
  for (const page of pages()) {
    const name = relative(repositoryRoot, page);
    const text = readFileSync(page, 'utf8');

    it(`link to what is there: ${name}`, () => {
      for (const link of linksOf(text)) {
        const [file = '', anchor] = link.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        assert.ok(existsSync(path), `${name} links to ${link}`);
        if (anchor)
          assert.ok(anchorsOf(readFileSync(path, 'utf8')).includes(anchor), `${name}: no #${anchor}`);
      }
    });

    it(`call commands with options that they have: ${name}`, async () => {
      for (const call of callsOf(text)) {
        const [, first = '', second = ''] = call.split(/\s+/u);
        if (first === 'help') continue;
        const command = await commandOf(first);
        assert.ok(command, `${name}: "${call}": no command ${first}`);
        const own = command.commands.find((one) => one.name() === second);
        const known = [command, ...(own ? [own] : [])].flatMap(({ options }) =>
          options.map(({ long }) => long),
        );
        for (const flag of flagsOf(call)) {
          assert.ok(known.includes(flag) || flag === '--help', `${name}: "${call}": no option ${flag}`);
        }
      }
    });
  }

  it('are all in their list, but for decisions, which are a folder of it', () => {
    const listed = linksOf(readFileSync(join(repositoryRoot, 'docs/README.md'), 'utf8'));
    const missing = pages()
      .map((page) => relative(join(repositoryRoot, 'docs'), page))
      .filter((name) => !/^(\.\.|adr\/|README)/u.test(name) && !listed.includes(name));
    assert.deepEqual(missing, []);
  });

  it('name tests, benches and scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const benches = readFileSync(join(repositoryRoot, 'bench/main.ts'), 'utf8');
    let named = 0;
    for (const page of pages()) {
      const text = readFileSync(page, 'utf8');
      const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);
      const files = all(/\b((?:test|bench)\/[\w/.-]+\.(?:ts|py))\b/gu);
      for (const file of files) assert.ok(existsSync(join(repositoryRoot, file)), `${page}: no ${file}`);
      const called = all(/\bnpm run (?:-s )?([\w:]+)/gu);
      for (const script of called) assert.ok(scripts[script], `${page}: no script ${script}`);
      const measured = all(/\bnpm run bench -- (\w+)/gu);
      for (const bench of measured)
        assert.match(benches, new RegExp(`\\b${bench}\\b`, 'u'), `${page}: no bench ${bench}`);
      named += files.length + called.length + measured.length;
    }
    assert.ok(named > 80, `${named} are named`);
  });

  it('are read as this test thinks', () => {
    assert.deepEqual(linksOf('[a](b.md#c) `[x](y)` [d](https://e.f)'), ['b.md#c']);
    assert.deepEqual(anchorsOf('# One two\n## `x`: y'), ['one-two', 'x-y']);
    const calls = callsOf(
      '```sh\nnpx assay run a.yaml --watch   # now\ntemporal x\n$ assay runs --json | head\n```\n',
    );
    assert.deepEqual(calls, ['assay run a.yaml --watch', 'assay runs --json | head']);
    assert.deepEqual(flagsOf('assay retry --query "a --b" --yes | x --c'), ['--query', '--yes']);
  });
});

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const NAMES_SHOWN = 10;

/** Whole-path matcher: `*` and `?` stay within a folder, `**` goes through folders, `{a,b}` is either. */
export function matcher(pattern: string): RegExp {
  return new RegExp(`^(?:${expandBraces(pattern).map(toSource).join('|')})$`, 's');
}

/** `x{a,b{c,d}}` to xa, xbc, xbd. Braces that don't close are plain characters. */
function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  const close = open < 0 ? -1 : closingBrace(pattern, open);
  if (close < 0) return [pattern];
  const [before, after] = [pattern.slice(0, open), pattern.slice(close + 1)];
  return alternatives(pattern.slice(open + 1, close)).flatMap((choice) =>
    expandBraces(`${before}${choice}${after}`),
  );
}

function closingBrace(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === '{') depth++;
    if (pattern[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

function alternatives(inside: string): string[] {
  const found = [''];
  let depth = 0;
  for (const char of inside) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth === 0) found.push('');
    else found[found.length - 1] += char;
  }
  return found;
}

function toSource(pattern: string): string {
  return pattern.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^$(){}|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
}

/** The part of a pattern before its first wildcard, up to a slash: nothing outside of it can match. */
export function fixedFolder(pattern: string): string {
  const first = pattern.search(/[*?{]/);
  return pattern.slice(0, pattern.lastIndexOf('/', first) + 1);
}

/** Files below `base` that match, sorted, written as the pattern is (relative or absolute). Links are not followed. */
export async function findFiles(pattern: string, base: string): Promise<string[]> {
  const wanted = matcher(pattern);
  const folder = fixedFolder(pattern);
  const deep = /[*?{].*\/|\*\*/.test(pattern.slice(folder.length));
  const found: string[] = [];
  const visit = async (at: string): Promise<void> => {
    for (const entry of await readdir(join(at.startsWith('/') ? '' : base, at === '' ? '.' : at), {
      withFileTypes: true,
    })) {
      const path = `${at}${entry.name}`;
      if (entry.isDirectory() && deep) await visit(`${path}/`);
      else if (!entry.isDirectory() && wanted.test(path)) found.push(path);
    }
  };
  await visit(folder);
  return found.sort();
}

/** The first names, and how many more there are. */
export function shorten(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const rest = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).map((name) => basename(name));
  return shown.join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}

import type { SqlFunction } from '../../contracts/store.js';
import { parseNumber, parseTime, parseVector } from '../ingest/values.js';
import { prefixedHash32 } from '../random.js';
import { NUMBER_TEXT } from './text.js';

/** Missing where the text is not what it should be. */
const valueOrNull = (parsed: number | { readonly reason: string }): number | null =>
  typeof parsed === 'number' ? parsed : null;
const reasonOrNull = (parsed: number | { readonly reason: string }): string | null =>
  typeof parsed === 'number' ? null : parsed.reason;

const byItself = (name: string, ...params: (string | number)[]) => ({ elsewhere: { name, params } });

/** What SQL can't say just as our own code does: how JavaScript writes numbers, reads times, and hashes text. */
export function sqlFunctions(seed: number): readonly SqlFunction[] {
  const sideHash = prefixedHash32('split:', seed); // as hashSplit and stratifiedSplit do
  return [
    {
      ...{ name: NUMBER_TEXT, takes: 'number', gives: 'text', ...byItself('number_text') },
      call: (value: number) => String(value),
    },
    {
      ...{ name: 'parse_number', takes: 'text', gives: 'number' },
      call: (text: string) => valueOrNull(parseNumber(text)),
    },
    {
      ...{ name: 'number_reason', takes: 'text', gives: 'text', elsewhere: { afterwards: 'always' } },
      call: (text: string) => reasonOrNull(parseNumber(text)),
    },
    {
      ...{ name: 'parse_time', takes: 'text', gives: 'number', ...byItself('parse_time') },
      call: (text: string) => valueOrNull(parseTime(text)),
    },
    {
      ...{ name: 'time_reason', takes: 'text', gives: 'text', elsewhere: { afterwards: 'always' } },
      call: (text: string) => reasonOrNull(parseTime(text)),
    },
    {
      // Of the width, a space, and the list.
      ...{ name: 'vector_reason', takes: 'text', gives: 'text', elsewhere: { afterwards: 'vector' } },
      call: (text: string) => {
        const at = text.indexOf(' ');
        const parsed = parseVector(text.slice(at + 1), Number(text.slice(0, at)));
        return 'reason' in parsed ? parsed.reason : null;
      },
    },
    {
      ...{ name: 'shown_text', takes: 'text', gives: 'text', elsewhere: { afterwards: 'always' } },
      call: (text: string) => JSON.stringify(text),
    },
    {
      ...{ name: 'split_hash', takes: 'text', gives: 'number', ...byItself('split_hash', seed) },
      call: sideHash.ofText,
      ofAscii: sideHash.ofAscii,
    },
  ];
}

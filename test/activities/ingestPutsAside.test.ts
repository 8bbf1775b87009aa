import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csv, plain, runIngest, type DatasetInput } from './tableStages.js';

const good = ['name,label', 'oak table,a', 'wool rug,b'];

interface PutAside {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly dataset?: Partial<DatasetInput>;
  readonly line: number;
  readonly rule: string;
  readonly reason: RegExp;
  readonly record: string;
  /** Rows that stay, by default two. */
  readonly kept?: number;
}

const withPrice: Partial<DatasetInput> = { columns: { target: 'label', text: ['name'], numeric: ['price'] } };
const priced = (price: string): string => csv('name,label,price', 'x,a,1', `y,b,${price}`, 'z,a,3');
const jsonl: Partial<DatasetInput> = { format: 'jsonl' };
const keyed: Partial<DatasetInput> = { columns: { id: 'key', target: 'label', text: ['name'] } };
const timed: Partial<DatasetInput> = { columns: { target: 'label', text: ['name'], time: 'at' } };
const sided: Partial<DatasetInput> = {
  columns: { target: 'label', text: ['name'], split: 'side' },
  split: { by: 'column' },
};

const putAside: readonly PutAside[] = [
  {
    name: 'a row with too few cells',
    content: csv(...good, 'lonely'),
    line: 4,
    rule: 'ragged',
    reason: /^1 cells, but the header has 2 columns$/,
    record: 'lonely',
  },
  {
    name: 'a row with too many cells',
    content: csv(...good, 'x,a,9'),
    line: 4,
    rule: 'ragged',
    reason: /^3 cells/,
    record: 'x,a,9',
  },
  {
    name: 'a quote that is never closed, and only that row',
    content: csv('name,label', '"oak,a', 'rug,b', 'lamp,a'),
    line: 2,
    rule: 'quote',
    reason: /opens cell 1 is never closed/,
    record: '"oak,a',
  },
  {
    name: 'text behind a closing quote',
    content: csv(...good, '"oak" table,a'),
    line: 4,
    rule: 'quote',
    reason: /text after the closing quote of cell 1/,
    record: '"oak" table,a',
  },
  {
    name: 'bytes that are not UTF-8',
    content: Buffer.from('name,label\nx,a\ncaf\xe9,b\nz,a\n', 'latin1'),
    line: 3,
    rule: 'encoding',
    reason: /set dataset\.encoding: latin1/,
    record: 'caf\\xE9,b',
  },
  {
    name: 'a NUL character',
    content: csv(...good, 'o\0k,a'),
    line: 4,
    rule: 'nul',
    reason: /a NUL character at column 2/,
    record: 'o\\x00k,a',
  },
  {
    name: 'a cell of more than a million characters',
    content: csv(...good, `${'x'.repeat(2 ** 20 + 1)},a`),
    line: 4,
    rule: 'too_long',
    reason: /^name: 1048577 characters/,
    record: `${'x'.repeat(2 ** 20 + 1)},a`,
  },
  {
    name: 'a missing target',
    content: csv(...good, 'x,'),
    line: 4,
    rule: 'missing_target',
    reason: /^label: nothing to learn from/,
    record: '{"name":"x"}',
  },
  {
    name: 'a target of blanks',
    content: csv(...good, 'x,  '),
    line: 4,
    rule: 'missing_target',
    reason: /the target is missing/,
    record: '{"name":"x","label":"  "}',
  },
  {
    name: 'a number that is none',
    content: priced('cheap'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /^price: "cheap" is not a number$/,
    record: '{"name":"y","label":"b","price":"cheap"}',
  },
  {
    name: 'a number with a thousands separator',
    content: priced('"1,200"'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /"1,200" is not a number/,
    record: '{"name":"y","label":"b","price":"1,200"}',
  },
  {
    name: 'NaN',
    content: priced('NaN'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /^price: "NaN" is not a finite number$/,
    record: '{"name":"y","label":"b","price":"NaN"}',
  },
  {
    name: 'Infinity',
    content: priced('-Infinity'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /"-Infinity" is not a finite number/,
    record: '{"name":"y","label":"b","price":"-Infinity"}',
  },
  {
    name: 'a number beyond double precision',
    content: priced('1e999'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /too large for a number/,
    record: '{"name":"y","label":"b","price":"1e999"}',
  },
  {
    name: 'hexadecimal',
    content: priced('0x10'),
    dataset: withPrice,
    line: 3,
    rule: 'number',
    reason: /is not a number/,
    record: '{"name":"y","label":"b","price":"0x10"}',
  },
  {
    name: 'a line that is not JSON',
    content: '{"name":"x","label":"a"}\n{oops\n{"name":"y","label":"b"}\n',
    dataset: jsonl,
    line: 2,
    rule: 'json',
    reason: /^not valid JSON/,
    record: '{oops',
  },
  {
    name: 'JSON that is no object',
    content: '{"name":"x","label":"a"}\n[1]\n{"name":"y","label":"b"}\n',
    dataset: jsonl,
    line: 2,
    rule: 'json',
    reason: /expected a JSON object/,
    record: '[1]',
  },
  {
    name: 'a JSON integer that would lose digits',
    content: '{"name":"x","label":"a"}\n{"name":12345678901234567,"label":"a"}\n{"name":"y","label":"b"}\n',
    dataset: jsonl,
    line: 2,
    rule: 'number',
    reason: /^name: too large to be exact/,
    record: '{"name":12345678901234567,"label":"a"}',
  },
  {
    name: 'a missing id',
    content: csv('key,name,label', '1,x,a', ',y,b', '3,z,a'),
    dataset: keyed,
    line: 3,
    rule: 'missing_id',
    reason: /^key: no id/,
    record: '{"name":"y","label":"b"}',
  },
  {
    name: 'a repeated id',
    content: csv('key,name,label', '1,x,a', '1,y,a', '3,z,a'),
    dataset: keyed,
    line: 3,
    rule: 'duplicate_id',
    reason: /^key: id "1" is also at t\.csv, line 2, which stays$/,
    record: '{"id":"1","name":"y","target":"a"}',
  },
  {
    name: 'a time that is none',
    content: csv('name,label,at', 'x,a,2024-05-01', 'y,b,yesterday', 'z,a,0'),
    dataset: timed,
    line: 3,
    rule: 'time',
    reason: /^at: "yesterday" is not a time/,
    record: '{"name":"y","label":"b","at":"yesterday"}',
  },
  {
    name: 'a side that does not exist',
    content: csv('name,label,side', 'x,a,train', 'y,b,dev', 'z,a,test'),
    dataset: sided,
    line: 3,
    rule: 'split',
    reason: /^side: expected train \| validation \| test, got "dev"$/,
    record: '{"name":"y","label":"b","side":"dev"}',
  },
];

describe('ingest puts aside', () => {
  for (const { name, content, dataset = {}, kept = 2, ...want } of putAside) {
    it(name, async () => {
      const { rows, quarantine, output } = await runIngest({ 't.csv': content }, { ...plain, ...dataset });
      assert.equal(rows.length, kept);
      assert.equal(quarantine.length, 1);
      const { line, rule, reason, record, file, stage } = quarantine[0]!;
      assert.deepEqual(
        { line, rule, record, file, stage },
        { line: want.line, rule: want.rule, record: want.record, file: 't.csv', stage: 'ingest' },
      );
      assert.match(String(reason), want.reason);
      assert.equal(output.figures['read'], kept + 1);
    });
  }
});

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import { ConfigError, DataError } from '../../contracts/errors.js';
import { csv, plain, runIngest, type DatasetInput } from './tableStages.js';

const good = ['name,label', 'oak table,a', 'wool rug,b'];

interface Refused {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly dataset?: Partial<DatasetInput>;
  readonly error?: typeof DataError | typeof ConfigError;
  readonly want: RegExp;
}

const refused: readonly Refused[] = [
  { name: 'a file that is not there', dataset: { source: 'gone.csv' }, want: /gone\.csv: no such file/ },
  { name: 'a file of 0 bytes', content: '', want: /t\.csv: the file is empty \(0 bytes\)/ },
  { name: 'a file of blank lines', content: '\n\n\n', want: /t\.csv: the file is empty; its first line/ },
  { name: 'an empty file in gzip', content: gzipSync(''), want: /t\.csv: the file is empty/ },
  {
    name: 'a zstd file that is cut off',
    content: Buffer.from('KLUv/QBIeQAAbmFtZSxsYWJlbAp4LGEK', 'base64').subarray(0, 14),
    want: /t\.csv: the zstd file is damaged or cut off: .*copy it again/,
  },
  { name: 'a header without rows', content: csv('name,label'), want: /t\.csv: no rows below the header/ },
  { name: 'an empty JSONL file', content: '\n', dataset: { format: 'jsonl' }, want: /no column "label"/ },
  {
    name: 'two columns of one name',
    content: csv('name,label,name', 'x,a,y'),
    want: /line 1: two columns \(1 and 3\) are called "name"/,
  },
  {
    name: 'a column without name',
    content: csv(',name,label', '0,x,a'),
    want: /line 1: column 1 has no name/,
  },
  {
    name: 'a header with a broken quote',
    content: csv('"name,label', 'x,a'),
    want: /line 1: the header can't be read/,
  },
  {
    name: 'a header that is not UTF-8',
    content: Buffer.from('name,pr\xe9s,label\nx,1,a\n', 'latin1'),
    want: /line 1: the header can't be read: not valid UTF-8/,
  },
  {
    name: 'a file in UTF-16',
    content: Buffer.from('\ufeffname,label\nx,a\n', 'utf16le'),
    want: /UTF-16; convert it to UTF-8/,
  },
  {
    name: 'a damaged gzip file',
    content: gzipSync(good.join('\n')).subarray(0, 30),
    want: /t\.csv: the gzip file is damaged or cut off/,
  },
  {
    name: 'a target that is misspelt',
    dataset: { columns: { target: 'lable', text: ['name'] } },
    want: /no column "lable" \(dataset\.columns\.target\); the file has name, label; did you mean "label"\?/,
  },
  {
    name: 'a text column that is not there',
    dataset: { columns: { target: 'label', text: ['description'] } },
    want: /no column "description" \(dataset\.columns\.text\)/,
  },
  {
    name: 'a numeric column that is not there',
    dataset: { columns: { target: 'label', numeric: ['price'] } },
    want: /no column "price" \(dataset\.columns\.numeric\)/,
  },
  {
    name: 'semicolons instead of commas',
    content: csv('name;label', 'x;a'),
    want: /is the file separated by ";"\?/,
  },
  {
    name: 'a JSONL file without the column',
    content: '{"name":"x"}\n',
    dataset: { format: 'jsonl' },
    want: /no column "label"/,
  },
  {
    name: 'a name that tells no format',
    dataset: { source: 't.dat' },
    error: ConfigError,
    want: /dataset\.format: t\.dat .* csv \| tsv \| jsonl \| parquet/,
  },
  { name: 'Parquet where no reader is', dataset: { format: 'parquet' }, want: /Parquet can't be read here/ },
  {
    name: 'a column that plays two parts',
    dataset: { columns: { target: 'label', text: ['name', 'label'] } },
    error: ConfigError,
    want: /"label" is both target and text/,
  },
  {
    name: "a feature called like one of Assay's own columns",
    content: csv('target,label', 'x,a'),
    dataset: { columns: { target: 'label', text: ['target'] } },
    error: ConfigError,
    want: /"target" is the name of a column that Assay makes itself/,
  },
  {
    name: 'split by column without a column',
    dataset: { split: { by: 'column' } },
    error: ConfigError,
    want: /split\.by: column needs dataset\.columns\.split/,
  },
  {
    name: 'split by time without a time',
    dataset: { split: { by: 'time' } },
    error: ConfigError,
    want: /split\.by: time needs dataset\.columns\.time/,
  },
  {
    name: 'the last of each group without a group',
    dataset: {
      columns: { target: 'label', text: ['name'], time: 'at' },
      split: { by: 'lastOfGroup', validation: 1, test: 1 },
    },
    error: ConfigError,
    want: /split\.by: lastOfGroup needs dataset\.columns\.group/,
  },
  {
    name: 'newest without a time',
    dataset: { duplicateIds: 'newest' },
    error: ConfigError,
    want: /duplicateIds: newest needs dataset\.columns\.time/,
  },
  {
    name: 'split by time with a missing time',
    content: csv('name,label,at', 'x,a,2024-01-01', 'y,b,'),
    dataset: { columns: { target: 'label', text: ['name'], time: 'at' }, split: { by: 'time' } },
    want: /by time needs a time in every row/,
  },
  {
    name: 'shares that do not add up',
    dataset: { split: { by: 'hash', shares: [0.5, 0.1, 0.1] } },
    error: ConfigError,
    want: /add up to 1/,
  },
  {
    name: 'too many unreadable rows',
    content: csv('name,label', 'x,a', 'ragged', 'y,b'),
    dataset: { maxUnreadable: 0.3 },
    want: /1 of 3 rows can't be read \(33\.33%; dataset\.maxUnreadable allows 30%\)\. First: t\.csv, line 3: 1 cells/,
  },
  {
    name: 'targets that are all missing',
    content: csv('name,label', 'x,', 'y,'),
    want: /0 of 2 rows are left after ingest.*line 2: label: nothing to learn from/,
  },
  {
    name: 'a repeated id, by duplicateIds: error',
    content: csv('key,name,label', '7,x,a', '7,y,a'),
    dataset: { columns: { id: 'key', target: 'label', text: ['name'] }, duplicateIds: 'error' },
    want: /key: 1 rows repeat an id: "7" \(t\.csv, line 3\)/,
  },
  {
    name: 'ids that all conflict',
    content: csv('key,name,label', '7,x,a', '7,y,b'),
    dataset: { columns: { id: 'key', target: 'label', text: ['name'] } },
    want: /0 of 2 rows are left/,
  },
];

describe('ingest refuses', () => {
  for (const { name, content = csv(...good), dataset = {}, error = DataError, want } of refused) {
    it(name, async () => {
      const source = dataset.source === 't.dat' ? 't.dat' : 't.csv';
      await assert.rejects(runIngest({ [source]: content }, { ...plain, ...dataset }), (thrown: unknown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match(thrown.message, want);
        return true;
      });
    });
  }
});

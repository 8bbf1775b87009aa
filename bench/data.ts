import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ConfigError } from '../contracts/errors.js';

/** Texts and their class names on the two sides that a benchmark uses. */
export interface TextSet {
  readonly name: string;
  readonly train: readonly (readonly [text: string, target: string])[];
  readonly test: readonly (readonly [text: string, target: string])[];
}

type Pair = readonly [string, string];

/** Folder of the real data sets. @throws ConfigError if none is set */
export function dataFolder(): string {
  const folder = process.env['ASSAY_DATA_DIR'];
  if (folder) return folder;
  throw new ConfigError(
    'bench: ASSAY_DATA_DIR is not set; it names the folder that holds banking77, clinc150 …',
  );
}

const csv = (text: string): string[][] =>
  parse(text, { relax_column_count: true, relax_quotes: true, bom: true });
const read = (...path: string[]): Buffer => readFileSync(join(dataFolder(), ...path));

function splitBy(name: string, file: string, rows: readonly Pair[]): TextSet {
  const sides = gunzipSync(read(...file.split('/')))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[1]!.trim());
  const side = (wanted: string): Pair[] => rows.filter((_, i) => sides[i] === wanted);
  return { name, train: side('train'), test: side('test') };
}

const banking = (file: string): Pair[] =>
  csv(read('banking77', file).toString())
    .slice(1)
    .map(([text, target]) => [text!, target!]);

export const banking77Official = (): TextSet => ({
  name: 'banking77/official',
  train: banking('train.csv'),
  test: banking('test.csv'),
});

export const banking77Pooled = (): TextSet =>
  splitBy('banking77/pooled70_15_15', 'banking77/split_banking77.csv.gz', [
    ...banking('train.csv'),
    ...banking('test.csv'),
  ]);

export function clinc150(): TextSet {
  const json = gunzipSync(read('clinc150', 'data_full.json.gz')).toString();
  const { train, test } = JSON.parse(json) as { train: Pair[]; test: Pair[] };
  return { name: 'clinc150/official_in_scope', train, test };
}

export function pricerunner(): TextSet {
  const rows = csv(gunzipSync(read('pricerunner', 'pricerunner_aggregate.csv.gz')).toString());
  const pairs = rows.map((row): Pair => [row[1]!, row[6]!]);
  return splitBy('pricerunner/category10', 'pricerunner/split_pricerunner.csv.gz', pairs);
}

/** Chinese reviews; `column` 0: product category, 1: sentiment. */
export function onlineShopping(name: string, column: 0 | 1): TextSet {
  const zip = join(dataFolder(), 'online_shopping_10_cats', 'online_shopping_10_cats.zip');
  const text = execFileSync('unzip', ['-p', zip], { maxBuffer: 1 << 28 }).toString();
  const pairs = csv(text)
    .slice(1)
    .map((row): Pair => [row[2] ?? '', row[column]!]);
  return splitBy(name, 'online_shopping_10_cats/split_online_shopping_sent.csv.gz', pairs);
}

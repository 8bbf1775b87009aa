import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { Split } from '../contracts/prepared.js';
import type { DatasetConfig } from '../contracts/settings.js';
import { findByName } from '../core/nearestName.js';
import type { BuiltinDataset, BuiltinPreset, BuiltinTable, NoiseRecipe } from '../datasets/dataset.js';
import { datasets } from '../datasets/index.js';
import { plantNoise, type PlantedNoise } from '../datasets/noise.js';
import { loadOriginFiles, type OriginOptions } from './originFiles.js';

export type DatasetConfigInput = z.input<typeof DatasetConfig>;

export interface MaterialiseOptions extends OriginOptions {
  /** Flips to plant; by default what the set comes with (the synthetic ones: 20% uniform). Rate 0 plants none. */
  readonly noise?: Partial<NoiseRecipe>;
  /** For sets that are made. @default 42 */
  readonly seed?: number;
  readonly outDirectory: string;
}

/** A built-in set as files that a run can read, and its truth, which no stage must see. */
export interface Materialised {
  /** Absolute path of the table (CSV). */
  readonly table: string;
  /** SHA-256 of the table's bytes. */
  readonly tableSha256: string;
  /** Absolute path of a CSV `id,trueTarget,flipped`. */
  readonly truth: string;
  /** `source` is the table; columns, split and contract as the set needs them. */
  readonly dataset: DatasetConfigInput;
  /** Cleaning and features that suit the set. */
  readonly preset: BuiltinPreset;
}

const DEFAULT_NOISE: NoiseRecipe = { rate: 0, kind: 'uniform', seed: 42 };

/**
 * Writes a built-in set, with or without planted noise, below `outDirectory`. The same arguments give the same bytes.
 *
 * @throws ConfigError when there is no set of this name
 * @throws DataError when a file of the set is nowhere to be had
 */
export async function materialise(name: string, options: MaterialiseOptions): Promise<Materialised> {
  const set: BuiltinDataset = findByName('built-in data set', datasets, name);
  const { seed = 42, outDirectory } = options;
  const noise = { ...(set.noise ?? DEFAULT_NOISE), ...options.noise };
  const table = await set.read({ files: await loadOriginFiles(set, options), sha256, seed });
  const planted = plant(set, table, noise);
  const label = noise.rate === 0 ? 'clean' : `${noise.kind}-${noise.rate}-${noise.seed}`;
  const stem = `${name}${set.files.length === 0 ? `-${seed}` : ''}-${label}`;
  const bytes = tableBytes(table, set.preset.dataset.columns.target, planted);
  const paths = {
    table: resolve(outDirectory, `${stem}.csv`),
    truth: resolve(outDirectory, 'truth', `${stem}.csv`),
  };
  await mkdir(join(outDirectory, 'truth'), { recursive: true });
  await writeWhole(paths.table, bytes);
  await writeWhole(paths.truth, truthBytes(table, set.preset.dataset.columns.target, planted));
  return {
    ...paths,
    tableSha256: createHash('sha256').update(bytes).digest('hex'),
    dataset: { ...set.preset.dataset, source: paths.table },
    preset: set.preset,
  };
}

/** What `materialise` put aside. Arrays are in the order of the table's readable rows. */
export interface Truth {
  readonly ids: readonly string[];
  /** null where the published table has none */
  readonly targets: readonly (string | null)[];
  readonly flipped: readonly boolean[];
}

/** Reads a truth file. */
export async function readTruth(path: string): Promise<Truth> {
  const [, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(`[${line}]`) as [string, string | null, boolean]); // as written below
  return {
    ids: rows.map(([id]) => id),
    targets: rows.map(([, target]) => target),
    flipped: rows.map(([, , flipped]) => flipped),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function plant(set: BuiltinDataset, table: BuiltinTable, noise: NoiseRecipe): PlantedNoise {
  const { target, text = [], split } = set.preset.dataset.columns;
  const column = (name: string): (string | null)[] => {
    const position = table.header.indexOf(name);
    return table.rows.map((cells) => cells[position] ?? null);
  };
  const texts = text.map(column);
  const input = {
    name: set.recipeName,
    targets: column(target),
    splits: column(split!) as Split[], // built-in sets name the sides so
    texts: table.rows.map((_, row) => texts.map((cells) => cells[row] ?? '').join(' ')),
  };
  return plantNoise(input, noise, sha256);
}

function tableBytes(
  { header, rows, damaged = [] }: BuiltinTable,
  target: string,
  planted: PlantedNoise,
): Uint8Array {
  const position = header.indexOf(target);
  const damagedAfter = new Map(damaged.map(({ afterRow, bytes }) => [afterRow, bytes]));
  const parts: Uint8Array[] = [];
  let lines = [header.map(quoted).join(',')];
  rows.forEach((cells, row) => {
    const written = cells.map((cell, i) => (i === position ? planted.targets[row]! : cell));
    lines.push(written.map(quoted).join(','));
    const bytes = damagedAfter.get(row);
    if (!bytes) return;
    parts.push(Buffer.from(`${lines.join('\n')}\n`), bytes);
    lines = [];
  });
  return Buffer.concat([...parts, Buffer.from(lines.length > 0 ? `${lines.join('\n')}\n` : '')]);
}

function truthBytes({ header, rows }: BuiltinTable, target: string, { flipped }: PlantedNoise): Uint8Array {
  const [id, truth] = [header.indexOf('id'), header.indexOf(target)];
  const lines = rows.map((cells, row) =>
    JSON.stringify([cells[id], cells[truth] ?? null, flipped[row]]).slice(1, -1),
  );
  return Buffer.from(`id,trueTarget,flipped\n${lines.join('\n')}\n`);
}

const quoted = (cell: string | null): string => {
  const text = cell ?? '';
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
};

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}

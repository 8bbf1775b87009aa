import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { Figures, StageOutput } from '../contracts/stage.js';
import type { PieceKey, SourceFile, StageContext } from '../contracts/store.js';
import { splitNames } from '../core/ingest/assignSplit.js';
import { partFigures, type IngestedPart } from '../core/ingest/partHistory.js';
import { columnParts } from '../core/ingest/parts.js';
import { gather, numbers, texts } from '../core/table.js';
import { contentHash } from './contentHash.js';
import type { DatasetFiles } from './datasetFiles.js';

/** A file of rows, and what an earlier run kept of it. */
export interface FilePart {
  readonly file: SourceFile;
  readonly sha256: string;
  readonly key: PieceKey;
  readonly kept: StageOutput | undefined;
}

/**
 * Looks which files of rows were read before, as they are now and with these settings. A joined table that changed makes
 * all of them new.
 */
export async function findParts(
  dataset: DatasetConfig,
  { rows, joined }: DatasetFiles,
  context: Pick<StageContext, 'pieces' | 'hashes' | 'signal'>,
): Promise<FilePart[]> {
  const joins: PieceKey[] = [];
  for (const [i, join] of (dataset.joins ?? []).entries()) {
    const hashes: string[] = [];
    for (const file of joined[i]!) hashes.push(await contentHash(file, context));
    joins.push([{ ...join }, hashes] as PieceKey);
  }
  const { format = null, encoding } = dataset;
  const columns = columnParts(dataset).map(({ source, name, part }) => [source, name, part]);
  const reading = { columns, format, encoding, joins, sides: [...(splitNames(dataset.split) ?? [])] };
  const found: FilePart[] = [];
  for (const file of rows) {
    const sha256 = await contentHash(file, context);
    const key: PieceKey = { ...reading, uri: file.uri, sha256 };
    found.push({ file, sha256, key, kept: await context.pieces.find(key) });
  }
  return found;
}

const PART_COLUMNS: readonly ColumnSpec[] = [
  { name: 'uri', type: 'utf8' },
  { name: 'sha256', type: 'utf8' },
  { name: 'rows', type: 'float64' },
  { name: 'newest', type: 'float64' },
];

/**
 * Writes down which files the dataset is made of, and compares that with what the last run over the same source wrote.
 *
 * @returns the table of files, and figures of what is new, changed, gone or reused
 */
export async function recordParts(
  dataset: DatasetConfig,
  parts: readonly IngestedPart[],
  { artifacts, pieces }: Pick<StageContext, 'artifacts' | 'pieces'>,
): Promise<{ readonly table: ArtifactRef; readonly figures: Figures }> {
  const latest: PieceKey = {
    latest: dataset.source,
    columns: columnParts(dataset).map(({ source }) => source),
  };
  const [before] = (await pieces.find(latest))?.outputs['parts'] ?? [];
  const earlier = before && (await readParts(artifacts, before));
  const table = await artifacts.writeTable('document', PART_COLUMNS, [
    {
      rows: parts.length,
      columns: {
        uri: parts.map(({ uri }) => uri),
        sha256: parts.map(({ sha256 }) => sha256),
        rows: Float64Array.from(parts, ({ rows }) => rows),
        newest: Float64Array.from(parts, ({ newestMs }) => newestMs ?? NaN),
      },
    },
  ]);
  await pieces.keep(latest, { outputs: { parts: [table] }, figures: {} });
  return { table, figures: partFigures(parts, earlier) };
}

async function readParts(artifacts: StageContext['artifacts'], ref: ArtifactRef): Promise<IngestedPart[]> {
  const table = await gather(artifacts.readTable(ref));
  const [uris, hashes] = [texts(table, 'uri'), texts(table, 'sha256')];
  const [rows, newest] = [numbers(table, 'rows'), numbers(table, 'newest')];
  return uris.map((uri, i) => ({
    ...{ uri: uri!, sha256: hashes[i]!, rows: rows[i]!, isReused: false },
    newestMs: Number.isNaN(newest[i]) ? undefined : newest[i]!,
  }));
}

import type { ArtifactRef } from '../contracts/artifact.js';
import type { StageOutput } from '../contracts/stage.js';
import type { PieceKey, SourceFile, StageContext, TableSession } from '../contracts/store.js';
import { RUN_COLUMNS } from '../core/ingest/partSql.js';
import { QUARANTINE_COLUMNS } from '../core/quarantine.js';
import { contentHash } from './contentHash.js';
import { createFileTables } from './ingestReading.js';
import { formatOf } from './readSource.js';
import { SpooledFiles, type FileSettings } from './spooledFiles.js';
import { TextTable } from './textTable.js';

/** A file to be read, and how. */
export interface RawFile {
  readonly file: SourceFile;
  readonly settings: FileSettings;
  /**
   * Looks at a header when it is known, and whenever it grows. @throws DataError where the file can't be used
   *
   * @param isLoose rows bring their own keys: the header is not known before the end
   */
  readonly check: (header: readonly string[], isLoose: boolean) => void;
}

/** What a file holds, as text: kept from run to run by its bytes, whatever its columns are for. */
export interface RawPart {
  readonly file: SourceFile;
  readonly sha256: string;
  readonly isReused: boolean;
  readonly isLoose: boolean;
  /** Names of the columns; none where not even a header could be read. */
  readonly header: readonly string[];
  /** Its records, column by column; where they stand in it; and what is not even a record. */
  readonly rows: ArtifactRef;
  readonly runs: ArtifactRef;
  readonly aside: ArtifactRef;
}

/** A table has a column, even one of which nothing is known. */
const NOTHING = 'nothing';

/**
 * Reads files, one after the other, into parts that are kept; what was kept before is not read again.
 *
 * @param received is told how many bytes of the files are done
 * @throws DataError where a file can't be read to its end, or `check` refuses it
 */
export async function readRawParts(
  files: readonly RawFile[],
  context: StageContext,
  received: (bytes: number) => void,
): Promise<readonly RawPart[]> {
  const local = files.filter(({ file, settings }) => formatAsked(file, settings) === 'parquet');
  const paths = await Promise.all(local.map(({ file }) => file.localPath()));
  return context.withTables({ files: paths }, async (session) => {
    await createFileTables(session, { all: files.map(({ file }) => file) });
    const parts: RawPart[] = [];
    for (const [index, raw] of files.entries()) {
      parts.push(await readRawPart(session, index, raw, context, received));
    }
    return parts;
  });
}

const formatAsked = ({ uri }: SourceFile, { format }: FileSettings) => format ?? formatOf(uri);

async function readRawPart(
  session: TableSession,
  index: number,
  { file, settings, check }: RawFile,
  context: StageContext,
  received: (bytes: number) => void,
): Promise<RawPart> {
  const format = formatAsked(file, settings);
  const sha256 = await contentHash(file, context);
  const key: PieceKey = { raw: file.uri, sha256, format, encoding: settings.encoding };
  const kept = await context.pieces.find(key);
  const isLoose = format === 'jsonl';
  if (kept) received(file.sizeBytes);
  const output = kept ?? (await read());
  const [[rows], [runs], [aside]] = [
    output.outputs['rows']!,
    output.outputs['runs']!,
    output.outputs['aside']!,
  ];
  const { columns } = await context.artifacts.manifest(rows!);
  const names = columns.map(({ name }) => name);
  const isHeaded = output.figures['headed'] === 1;
  const header = isHeaded && names[0] !== NOTHING ? names : [];
  if (isHeaded) check(header, false);
  return {
    ...{ file, sha256, isReused: kept !== undefined, isLoose, header },
    ...{ rows: rows!, runs: runs!, aside: aside! },
  };

  async function read(): Promise<StageOutput> {
    const table = new TextTable(session, 'texts');
    const spooled = new SpooledFiles(session, settings, 'runs');
    await table.create();
    await spooled.create();
    const header = await spooled.read(index, file, { signal: context.signal, received }, (rows) => {
      check(rows.header, isLoose);
      return table.insert(rows);
    });
    if (header) await table.columns(header);
    const made = { outputs: await write(session, index, table), figures: { headed: header ? 1 : 0 } };
    await context.pieces.keep(key, made);
    return made;
  }
}

async function write(
  session: TableSession,
  index: number,
  table: TextTable,
): Promise<StageOutput['outputs']> {
  const names = table.header.length > 0 ? table.header : [NOTHING];
  const specs = names.map((name) => ({ name, type: 'utf8' as const }));
  const values = names.map((name) => table.sqlOf(name) ?? NOTHING);
  return {
    rows: [await session.write('dataset', specs, `SELECT ${values.join(', ')} FROM texts`)],
    runs: [
      await session.write(
        'document',
        RUN_COLUMNS,
        'SELECT CAST(row AS DOUBLE), CAST(line AS DOUBLE) FROM runs ORDER BY row',
      ),
    ],
    aside: [
      await session.write(
        'quarantine',
        QUARANTINE_COLUMNS,
        `SELECT CAST(NULL AS VARCHAR), files.uri, CAST(line AS DOUBLE), 'ingest', rule, reason, record
         FROM aside JOIN files ON files.file = aside.file WHERE aside.file = ${index} ORDER BY line`,
      ),
    ],
  };
}

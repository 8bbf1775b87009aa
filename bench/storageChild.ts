/**
 * A process that works on a store until it is killed, or is done: see bench/storage/kills.ts and races.ts.
 *
 *   node bench/storageChild.js write URI SEED FOLDER   artifacts and large objects, without end
 *   node bench/storageChild.js race URI NAME N         creates race/0 … race/N-1, and prints those that it won
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seeded } from '../core/random.js';
import { openArtifacts } from '../storage/artifacts.js';
import { sha256 } from '../storage/hash.js';
import { openStore } from '../storage/open.js';

/** Above the size at which S3 gets a file in parts. */
const LARGE_BYTES = 20 << 20;
/** Two part files a table. */
const ROWS = 300_000;
const ROUND_MS = 20;

const [what = '', uri = '', name = '', more = ''] = process.argv.slice(2);
const store = await openStore(uri);
if (what === 'write') await write(Number(name));
else await race();

async function write(seed: number): Promise<void> {
  const scratchDirectory = await mkdtemp(join(more, 'writer-'));
  const artifacts = openArtifacts(store, { scratchDirectory });
  const random = seeded(seed, 'writer');
  console.log('ready');
  for (;;) {
    const score = Float64Array.from({ length: ROWS }, () => random.next());
    const batch = { rows: ROWS, columns: { score } };
    await artifacts.writeTable('scores', [{ name: 'score', type: 'float64' }], [batch]);
    console.log('wrote');
    await artifacts.writeBlob(
      'document',
      Buffer.from(`${String(seed)} ${String(random.next())}`),
      'text/plain',
    );
    const body = Buffer.alloc(LARGE_BYTES, String(random.next()));
    await writeFile(join(scratchDirectory, 'large'), body);
    await store.putFile(`large/${sha256(body)}`, join(scratchDirectory, 'large'));
  }
}

async function race(): Promise<void> {
  const won: number[] = [];
  console.log('ready');
  const begin = await new Promise<number>((resolve) => {
    process.stdin.once('data', (text) => resolve(Number(text)));
  });
  for (let round = 0; round < Number(more); round++) {
    // Both at the same millisecond; a sleep would be less exact.
    while (Date.now() < begin + ROUND_MS * round) await new Promise(setImmediate);
    const head = await store.putIfAbsent(`race/${String(round)}`, Buffer.from(name));
    if (head !== undefined) won.push(round);
  }
  console.log(JSON.stringify(won));
  process.exit(0);
}

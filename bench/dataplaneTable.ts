import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { CleanConfig, DatasetConfig } from '../contracts/settings.js';
import { seeded } from '../core/random.js';

/** How the table is read, and what is cleaned of it. */
export const dataset = DatasetConfig.parse({
  source: '',
  columns: {
    ...{ id: 'id', target: 'label', text: ['query', 'title'], categorical: ['brand'] },
    numeric: ['price', 'stars', 'clicks'],
  },
  split: { by: 'hash' },
});
export const rules = CleanConfig.parse({
  irrelevant: [{ column: 'title', op: 'matches', value: '^SPAM' }],
  outliers: [{ column: 'price', method: 'iqr', factor: 3 }],
  minTextLength: 0,
});
const WORDS = Array.from({ length: 5000 }, (_, i) => `word${i.toString(36)}`);

/** A table of eight columns; of a hundred rows some four have something that takes them out. */
export async function writeTable(path: string, rows: number): Promise<void> {
  const random = seeded(7, 'dataplane');
  const word = (): string => WORDS[random.below(WORDS.length)]!;
  const out = createWriteStream(path);
  out.write('id,query,title,brand,price,stars,clicks,label\n');
  let features = '';
  let lines: string[] = [];
  for (let i = 0; i < rows; i++) {
    const chance = random.below(1000);
    const id = `k${String(chance < 12 ? Math.max(0, i - 1) : i).padStart(8, '0')}`;
    const title = `${chance >= 20 && chance < 40 ? 'SPAM ' : ''}${word()} ${word()} ${word()} ${word()}`;
    const price =
      chance >= 40 && chance < 42 ? 'cheap' : (random.below(20_000) / 100) * (chance < 45 ? 1000 : 1);
    // Now and then a row says what the one before said.
    if (chance < 50 || chance >= 60 || features === '')
      features = `${word()} ${word()},${title},brand${random.below(500)},${price},${random.below(6)},${random.below(10_000)}`;
    lines.push(`${id},${features},${chance === 61 ? '' : `class${(chance + random.below(3)) % 20}`}\n`);
    if (lines.length < 20_000 && i + 1 < rows) continue;
    if (!out.write(lines.join(''))) await once(out, 'drain');
    lines = [];
  }
  out.end();
  await once(out, 'finish');
}

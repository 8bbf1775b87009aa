/**
 * How much of the quality that label noise costs is won back: see docs/benchmarks/recovery.md.
 *
 *   ASSAY_DATA_DIR=… node --import tsx bench/recovery.ts --data banking77 --rates 0,0.2,0.4 --seeds 42,43,44
 *
 * Cells are kept in .assay/bench/recovery.jsonl and not measured twice. Prints Markdown; `--print` only prints.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureCell, type Cell } from './recovery/cell.js';
import { markdown } from './recovery/table.js';
import { PLANS } from './recovery/world.js';

const FOLDER = '.assay/bench';
const FILE = `${FOLDER}/recovery.jsonl`;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: Object.keys(PLANS).join(',') },
    rates: { type: 'string', default: '0,0.2,0.4' },
    seeds: { type: 'string', default: '42,43,44' },
    print: { type: 'boolean', default: false },
  },
});

function readCells(): Cell[] {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Cell);
}

if (!values.print) {
  mkdirSync(FOLDER, { recursive: true });
  for (const set of values.data.split(',')) {
    if (!(set in PLANS)) throw new Error(`--data: expected ${Object.keys(PLANS).join(' | ')}, got "${set}"`);
    for (const rate of values.rates.split(',').map(Number)) {
      for (const seed of values.seeds.split(',').map(Number)) {
        const isDone = readCells().some(
          (cell) => cell.set === set && cell.rate === rate && cell.seed === seed,
        );
        if (isDone) continue;
        const cell = await measureCell(set, rate, seed);
        appendFileSync(FILE, `${JSON.stringify(cell)}\n`);
        process.stderr.write(`${set} ${rate} ${seed}: ${cell.seconds.toFixed(0)} s\n`);
      }
    }
  }
}
process.stdout.write(`${markdown(readCells())}\n`);

/**
 * How much of the quality that label noise costs is won back: see docs/benchmarks/recovery.md.
 *
 *   ASSAY_DATA_DIR=… node --import tsx bench/recovery.ts --data banking77 --rates 0,0.2,0.4 --seeds 42,43,44
 *
 * Cells are kept in .assay/bench/recovery.jsonl and not measured twice. Prints Markdown; `--print` only prints.
 */
import { parseArgs } from 'node:util';
import { createCells } from './cells.js';
import { measureCell, type Cell } from './recovery/cell.js';
import { markdown } from './recovery/table.js';
import { PLANS } from './recovery/world.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: Object.keys(PLANS).join(',') },
    rates: { type: 'string', default: '0,0.2,0.4' },
    seeds: { type: 'string', default: '42,43,44' },
    print: { type: 'boolean', default: false },
  },
});

const cells = createCells<Cell>('recovery');

if (!values.print) {
  for (const set of values.data.split(',')) {
    if (!(set in PLANS)) throw new Error(`--data: expected ${Object.keys(PLANS).join(' | ')}, got "${set}"`);
    for (const rate of values.rates.split(',').map(Number)) {
      for (const seed of values.seeds.split(',').map(Number)) {
        await cells.measure({ set, rate, seed }, () => measureCell(set, rate, seed));
      }
    }
  }
}
process.stdout.write(`${markdown(cells.read())}\n`);

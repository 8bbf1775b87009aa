/**
 * What checking labels by hand brings: see docs/benchmarks/relabel.md.
 *
 *   npm run bench -- relabel --data online_shopping,banking77 --rate 0.2 --seeds 42,43,44
 *
 * Cells are kept in .assay/bench/relabel.jsonl and not measured twice. Prints Markdown; `--print` only prints.
 */
import { parseArgs } from 'node:util';
import { createCells } from './cells.js';
import { PLANS } from './recovery/world.js';
import { measureRelabel, type RelabelCell } from './relabel/cell.js';
import { relabelMarkdown } from './relabel/table.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'online_shopping,banking77' },
    rate: { type: 'string', default: '0.2' },
    seeds: { type: 'string', default: '42,43,44' },
    print: { type: 'boolean', default: false },
  },
});
const cells = createCells<RelabelCell>('relabel');
const rate = Number(values.rate);

if (!values.print) {
  for (const set of values.data.split(',')) {
    if (!(set in PLANS)) throw new Error(`--data: expected ${Object.keys(PLANS).join(' | ')}, got "${set}"`);
    for (const seed of values.seeds.split(',').map(Number)) {
      await cells.measure({ set, rate, seed }, () => measureRelabel(set, rate, seed));
    }
  }
}
process.stdout.write(`${relabelMarkdown(cells.read())}\n`);

/**
 * How much of the quality that label noise costs is won back: see docs/benchmarks/recovery.md.
 *
 *   ASSAY_DATA_DIR=… node --import tsx bench/recovery.ts --data banking77 --rates 0,0.2,0.4 --seeds 42,43,44
 *
 * `--noise` says whose labels are wrong: uniform, pair (by class), source. Cells are kept in
 * .assay/bench/recovery.jsonl and not measured twice. `--refinements 0`: by first evidence. Prints Markdown; `--print` only prints.
 */
import { parseArgs } from 'node:util';
import { createCells } from './cells.js';
import { measureCell, type Cell } from './recovery/cell.js';
import { markdown } from './recovery/table.js';
import { NOISES, PLANS, type Noise } from './recovery/world.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: Object.keys(PLANS).join(',') },
    rates: { type: 'string', default: '0,0.2,0.4' },
    noise: { type: 'string', default: 'uniform' },
    seeds: { type: 'string', default: '42,43,44' },
    refinements: { type: 'string', default: '3' },
    print: { type: 'boolean', default: false },
  },
});

const refinements = Number(values.refinements);
const cells = createCells<Cell>(refinements === 3 ? 'recovery' : `recovery-${refinements}`);

const noises = values.noise.split(',') as Noise[];
for (const noise of noises) {
  if (!NOISES.includes(noise)) throw new Error(`--noise: expected ${NOISES.join(' | ')}, got "${noise}"`);
}

if (!values.print) {
  for (const set of values.data.split(',')) {
    if (!(set in PLANS)) throw new Error(`--data: expected ${Object.keys(PLANS).join(' | ')}, got "${set}"`);
    for (const [noise, rate, seed] of plan()) {
      await cells.measure({ set, rate, seed, noise }, () =>
        measureCell({ set, rate, seed, noise, refinements }),
      );
    }
  }
}
process.stdout.write(`${markdown(cells.read())}\n`);

function* plan(): Generator<readonly [noise: Noise, rate: number, seed: number]> {
  for (const noise of noises) {
    for (const rate of values.rates.split(',').map(Number)) {
      for (const seed of values.seeds.split(',').map(Number)) yield [noise, rate, seed];
    }
  }
}

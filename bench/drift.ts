/**
 * Whether adapting pays, on simulated streams: see docs/benchmarks/drift.md.
 *
 *   npm run bench -- drift --seeds 10
 *
 * Judges every batch before it is learned from. Prints Markdown; deterministic, no timing in it.
 */
import { parseArgs } from 'node:util';
import { ARMS, type Arm, type ArmResult, runArm } from './drift/arms.js';
import { DRIFTS, makeStream } from './drift/stream.js';
import { type DriftCell, driftMarkdown } from './drift/table.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    batches: { type: 'string', default: '24' },
    rows: { type: 'string', default: '300' },
  },
});
const cells: DriftCell[] = [];
for (const drift of DRIFTS) {
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const settings = { drift, batches: Number(values.batches), rows: Number(values.rows), seed };
    const stream = makeStream(settings);
    const results: (readonly [Arm, ArmResult])[] = [];
    for (const arm of ARMS) results.push([arm, await runArm(arm, stream, seed)]);
    cells.push({ drift, seed, arms: Object.fromEntries(results) as Record<Arm, ArmResult> });
  }
}
process.stdout.write(`${driftMarkdown(cells)}\n`);

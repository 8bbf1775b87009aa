/**
 * What inverse propensities and weights of sessions bring on clicks with position bias and bots: see docs/tasks/ctr.md.
 *
 *   ASSAY_DATA_DIR=… npm run bench -- clicks --seeds 42,43,44
 *
 * Clicks are simulated over pricerunner_relevance_derived, whose grades are the truth. Prints Markdown.
 */
import { parseArgs } from 'node:util';
import { measureArms, type ArmFigures } from './clicks/arms.js';
import { readPairs } from './clicks/world.js';
import { markdownTable, overSeeds } from './recovery/table.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '42,43,44' },
    sessions: { type: 'string', default: '20000' },
    bots: { type: 'string', default: '0.1' },
    eta: { type: 'string', default: '1' },
  },
});

const world = readPairs();
const runs: Awaited<ReturnType<typeof measureArms>>[] = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const plan = {
    sessions: Number(values.sessions),
    bots: Number(values.bots),
    eta: Number(values.eta),
    seed,
  };
  runs.push(await measureArms(world, plan));
}
const three = (value: number): string => value.toFixed(3);
const figure = (arm: number, of: (figures: ArmFigures) => number): string =>
  overSeeds(
    runs.map(({ arms }) => of(arms[arm]!)),
    three,
  );
const rows = runs[0]!.arms.map(({ arm }, a) => [
  arm,
  figure(a, ({ ndcg }) => ndcg),
  figure(a, ({ normalizedEntropy }) => normalizedEntropy),
  figure(a, ({ calibration }) => calibration),
  figure(a, ({ raw }) => raw),
]);
process.stdout.write(
  `${markdownTable(['learned from', 'NDCG@10, true grades', 'normalised entropy', 'calibration', 'before the shift'], rows)}\n\n` +
    `weight taken from bots: ${overSeeds(
      runs.map(({ botsCaught }) => botsCaught),
      three,
    )}; ` +
    `left to people: ${overSeeds(
      runs.map(({ peopleKept }) => peopleKept),
      three,
    )}\n`,
);

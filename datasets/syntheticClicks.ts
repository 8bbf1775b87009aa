import { SPLITS } from '../contracts/prepared.js';
import { seeded } from '../core/random.js';
import { hashSplit } from '../core/split.js';
import { simulateClicks } from './clickLog.js';
import { rowId, type BuiltinDataset, type BuiltinTable } from './dataset.js';

const QUERIES = 60;
const CANDIDATES = 20; // of a query
const ATTRACTIVENESS = [0.05, 0.4, 0.9];
const GRADE_SHARES = [0.5, 0.85]; // cumulative, of grades 0 and 1
const HEADER = ['id', 'split', 'session', 'query', 'item', 'place', 'similarity', 'price', 'click'];

/** A click log with position bias and bots, made up: a tenth of the sessions click at random. */
export const syntheticClicks: BuiltinDataset = {
  name: 'synthetic_clicks',
  licence: 'Apache-2.0 (made by this program)',
  citation: 'none: made up, by the position-based model with η = 1',
  description: 'about 18,000 impressions in 600 sessions of a made-up shop, a tenth of the sessions bots',
  ...{ folder: '', files: [] },
  preset: {
    dataset: {
      columns: {
        ...{ id: 'id', target: 'click', split: 'split', group: 'session' },
        ...{ numeric: ['place', 'similarity', 'price'], categorical: ['query', 'item'] },
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep', nearDuplicates: { enabled: false } },
  },
  recipeName: 'synthetic_clicks',
  read: ({ seed }) => Promise.resolve(makeClicks(600, seed)),
};

/** Impressions as rows. Sessions are whole on one side of the split. */
export function makeClicks(sessions: number, seed: number): BuiltinTable {
  const random = seeded(seed, 'synthetic_clicks');
  const pairs = QUERIES * CANDIDATES;
  const queries = Int32Array.from({ length: pairs }, (_, pair) => Math.floor(pair / CANDIDATES));
  const grades = Int32Array.from({ length: pairs }, () => {
    const draw = random.next();
    return draw < GRADE_SHARES[0]! ? 0 : draw < GRADE_SHARES[1]! ? 1 : 2;
  });
  const similarity = Array.from(grades, (grade) => (grade / 2 + 0.35 * random.normal()).toFixed(3));
  const prices = Array.from(grades, () => Math.exp(3 + 0.6 * random.normal()).toFixed(2));
  const plan = { sessions, bots: 0.1, eta: 1, attractiveness: ATTRACTIVENESS, seed };
  const log = simulateClicks({ queries, grades }, plan);
  const names = Array.from(log.sessions, (session) => `s${session}`);
  const sides = hashSplit(names, [0.7, 0.15, 0.15], seed);
  const rows = names.map((session, i) => {
    const pair = log.pairs[i]!;
    return [
      ...[rowId(i), SPLITS[sides[i]!]!, session, `q${queries[pair]}`, `i${pair}`, String(log.places[i])],
      ...[similarity[pair]!, prices[pair]!, String(log.clicks[i])],
    ];
  });
  return { header: HEADER, rows };
}

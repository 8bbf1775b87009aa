import { seeded, type Random } from '../core/random.js';
import { rowId, type BuiltinDataset, type BuiltinTable } from './dataset.js';

const TOPICS = ['garden', 'kitchen', 'sport', 'music', 'travel', 'games'];
const WORDS = 12; // of a topic
const TASTE = 2.5; // how much more a user likes items of the own topics
const TAKEN = 24; // items that a user takes, in order
const SIDES = [
  { split: 'train', taken: 16, negatives: 64 },
  { split: 'validation', taken: 3, negatives: 30 },
  { split: 'test', taken: 5, negatives: 50 },
] as const;
const HEADER = ['id', 'split', 'list', 'user', 'item', 'title', 'taken'];

/** What users took, made up, with sampled items that they did not take: enough to test that taste is learned. */
export const syntheticInteractions: BuiltinDataset = {
  name: 'synthetic_interactions',
  licence: 'Apache-2.0 (made by this program)',
  citation: 'none: made up',
  description:
    '25,200 rows of 150 users and 200 items: the last items of each user are held out, negatives are sampled',
  ...{ folder: '', files: [] },
  preset: {
    dataset: {
      columns: {
        ...{ id: 'id', target: 'taken', split: 'split', group: 'list' },
        ...{ text: ['title'], categorical: ['user', 'item'] },
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep', nearDuplicates: { enabled: false } },
  },
  recipeName: 'synthetic_interactions',
  read: ({ seed }) => Promise.resolve(makeInteractions(150, 200, seed)),
};

interface Item {
  readonly topic: number;
  readonly popularity: number;
  readonly title: string;
}

/**
 * Each user takes items in proportion to popularity and taste (two topics of six); the first are for training, the next for
 * validation, the last for the test, each with items of that user drawn from those never taken.
 */
export function makeInteractions(users: number, items: number, seed: number): BuiltinTable {
  const random = seeded(seed, 'synthetic_interactions');
  const shelf = Array.from({ length: items }, (): Item => makeItem(random));
  const rows: string[][] = [];
  for (let user = 0; user < users; user++) {
    const liked = [random.below(TOPICS.length), random.below(TOPICS.length)];
    const scores = shelf.map(
      ({ topic, popularity }) => popularity + (liked.includes(topic) ? TASTE : 0) + gumbel(random),
    );
    const order = [...shelf.keys()].sort((a, b) => scores[b]! - scores[a]!);
    const taken = random.shuffle(order.slice(0, TAKEN));
    const others = random.shuffle(order.slice(TAKEN));
    let from = 0;
    let other = 0;
    for (const side of SIDES) {
      const own = [
        ...taken.slice(from, from + side.taken).map((item) => [item, '1'] as const),
        ...others.slice(other, other + side.negatives).map((item) => [item, '0'] as const),
      ];
      from += side.taken;
      other += side.negatives;
      for (const [item, label] of own) {
        rows.push([
          rowId(rows.length),
          side.split,
          `l${user}`,
          `u${user}`,
          `i${item}`,
          shelf[item]!.title,
          label,
        ]);
      }
    }
  }
  return { header: HEADER, rows };
}

function makeItem(random: Random): Item {
  const topic = random.below(TOPICS.length);
  const words = Array.from({ length: 3 }, () => `${TOPICS[topic]!}${random.below(WORDS)}`);
  return { topic, popularity: 0.7 * random.normal(), title: `${words.join(' ')} item` };
}

/** Added to log-weights, the largest sums are a draw without replacement. */
const gumbel = (random: Random): number => -Math.log(-Math.log(Math.max(random.next(), 1e-12)));

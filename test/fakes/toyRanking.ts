import { RunConfig } from '../../config/runConfig.js';
import { seeded } from '../../core/random.js';

const QUERIES = 90;
const ITEMS = 6;
const TEST_FROM = 75;

/**
 * Every item has 0, 1 or 2 words of its query, which is its grade; every third training query's grades are shuffled, and
 * every second query says please.
 */
export function toyRankingCsv(): string {
  const random = seeded(5, 'ranking');
  const lines = ['id,query_id,query,title,grade,split'];
  for (let q = 0; q < QUERIES; q++) {
    const words = [`brand${random.below(30)}`, `model${q}x`];
    const asked = [...words, ...(q % 2 === 0 ? ['please'] : [])].join(' ');
    const split = q < 60 ? 'train' : q < TEST_FROM ? 'validation' : 'test';
    const grades = Int32Array.from({ length: ITEMS }, (_, i) => i % 3);
    const given = q < 60 && q % 3 === 0 ? random.shuffle(grades.slice()) : grades;
    for (let i = 0; i < ITEMS; i++) {
      const own = words.slice(0, grades[i]);
      const title = [...own, ...Array.from({ length: 3 }, () => `w${random.below(200)}`)].join(' ');
      lines.push(`r${String(q * ITEMS + i).padStart(4, '0')},q${q},${asked},${title},${given[i]},${split}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** RankNet on what query and title have in common, and on where that stands in the query. */
export const toyRankingConfig = RunConfig.parse({
  name: 'toy-ranking',
  task: { name: 'ranking', loss: 'ranknet' },
  dataset: {
    source: 'toy.csv',
    columns: { id: 'id', target: 'grade', text: ['query', 'title'], group: 'query_id', split: 'split' },
    split: { by: 'column' },
  },
  clean: { nearDuplicates: { enabled: false }, exactDuplicates: 'keep' },
  features: { words: null, match: { pairs: [{ left: 'query', right: 'title' }] } },
  importance: { estimator: 'query_pvi', folds: 3 },
  loop: { policies: ['clip'], strengths: [1], outerFolds: 3, flips: 199, maxRounds: 2 },
  crossValidate: { folds: 2 },
  gate: { minRows: 10 }, // 15 test queries
  analyse: { bootstraps: 100 },
});

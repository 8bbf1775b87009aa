import { RunConfig, type RunConfigInput } from '../../config/runConfig.js';
import { seeded } from '../../core/random.js';

/** Each topic has words of its own; with so many, a model that is hardly regularised learns wrong labels by heart. */
const TOPIC_WORDS = 40;

/** A table of short texts on three topics; `noise` of the training and validation rows carry another topic's label. */
export function toyCsv(rows: number, noise: number, seed = 3): string {
  const random = seeded(seed, 'toy');
  const lines = ['id,text,label,split'];
  for (let i = 0; i < rows; i++) {
    const topic = i % 3;
    const own = Array.from({ length: 3 }, () => `topic${topic}word${random.below(TOPIC_WORDS)}`);
    const said = [...own, ...Array.from({ length: 4 }, () => `w${random.below(60)}`)];
    const split = i % 10 < 7 ? 'train' : i % 10 < 9 ? 'validation' : 'test';
    const flipped = split !== 'test' && random.next() < noise;
    const label = flipped ? (topic + 1 + random.below(2)) % 3 : topic;
    lines.push(`r${String(i).padStart(4, '0')},${said.join(' ')},topic${label},${split}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The toy's rows with other ids; every topic is called by the name of the next. */
export function renamedToyCsv(rows: number): string {
  const [head = '', ...lines] = toyCsv(rows, 0, 9).trimEnd().split('\n');
  const turned = lines.map((line) =>
    `n${line}`.replace(/topic(\d),/, (_, topic) => `topic${(Number(topic) + 1) % 3},`),
  );
  return `${[head, ...turned].join('\n')}\n`;
}

/** Few folds and one candidate: where what is tested does not hang on how much there is to do. */
export const QUICK: Partial<RunConfigInput> = {
  importance: { folds: 2, refinements: 1 },
  loop: { strengths: [16], outerFolds: 2, flips: 99, maxRounds: 1, policies: ['clip'] },
  crossValidate: { folds: 0 },
};

/** A run over that table, small enough for seconds. */
export const toyConfig = (source: string, more: Partial<RunConfigInput> = {}): RunConfig =>
  RunConfig.parse({
    name: 'toy',
    dataset: {
      source,
      columns: { id: 'id', target: 'label', text: ['text'], split: 'split' },
      split: { by: 'column' },
    },
    clean: { nearDuplicates: { enabled: false }, exactDuplicates: 'keep' },
    importance: { folds: 3, refinements: 1 },
    loop: { strengths: [16, 64], outerFolds: 3, flips: 499, maxRounds: 2 },
    crossValidate: { folds: 3 },
    analyse: { bootstraps: 100 },
    ...more,
  });

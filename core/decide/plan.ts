import { ConfigError } from '../../contracts/errors.js';
import { seeded } from '../random.js';

/** What two models say of held-out rows with given labels, as class codes, (n,). */
export interface Pool {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly given: Int32Array;
}

/**
 * differ: the models predict two classes, only here can one be right and the other wrong; dispute: both predict the same
 * class, and it is not the given one; agree: both predict the given class.
 */
export const STRATA = ['differ', 'dispute', 'agree'] as const;
export type Stratum = (typeof STRATA)[number];

/** Some rows of a pool that are checked: a simple random sample of each stratum. */
export interface PlannedStratum {
  readonly name: Stratum;
  /** Rows of the pool in it. */
  readonly size: number;
  /** Positions in the pool, in the order in which they were drawn. */
  readonly asked: Int32Array;
}

/** What a check of each stratum is worth: its standard deviation of being mislabelled, as one guesses beforehand. */
const DEVIATION = { dispute: 0.4, agree: 0.17 };
/** Checks go to the comparison of the models twice as eagerly as to the noise rate. */
const COMPARISON = 2;
/** Of each stratum, so that an error can be told for it. */
const LEAST = 2;

/** Stratum of every row of the pool. */
export function stratumOf({ first, second, given }: Pool): Stratum[] {
  return Array.from(first, (label, i) =>
    label !== second[i] ? 'differ' : label !== given[i] ? 'dispute' : 'agree',
  );
}

/**
 * Draws the rows to be checked. A larger budget asks for the same rows and more: answers are never lost.
 *
 * @param budget rows in all; the whole pool where that is smaller
 * @throws ConfigError where the budget is too small to look at every stratum
 */
export function planVerification(pool: Pool, budget: number, seed: number): PlannedStratum[] {
  const of = stratumOf(pool);
  const drawn = STRATA.map((name) => {
    const rows = Int32Array.from(of.keys()).filter((i) => of[i] === name);
    return { name, rows: seeded(seed, `decide.${name}`).shuffle(rows) };
  });
  const asked = shareOut(
    drawn.map(({ rows }) => rows.length),
    Math.min(budget, of.length),
  );
  return drawn.map(({ name, rows }, h) => ({ name, size: rows.length, asked: rows.slice(0, asked[h]) }));
}

/** Checks for each stratum, by highest averages: what a stratum has, it keeps when the budget grows. */
function shareOut(sizes: readonly number[], budget: number): number[] {
  const asked = sizes.map((size) => Math.min(size, LEAST));
  const least = asked.reduce((sum, count) => sum + count, 0);
  if (budget < least) {
    throw new ConfigError(
      `--verify: expected at least ${least}, ${LEAST} rows of each kind (models differ, both dispute the label, both agree), got ${budget}`,
    );
  }
  const [, disputed = 0, agreed = 0] = sizes;
  const rest = [disputed * DEVIATION.dispute, agreed * DEVIATION.agree] as const;
  const eagerness = [COMPARISON * (rest[0] + rest[1]) || 1, ...rest];
  for (let left = budget - least; left > 0; left--) {
    let next = -1;
    let highest = -1;
    sizes.forEach((size, h) => {
      const average = eagerness[h]! / (asked[h]! + 1);
      if (asked[h]! < size && average > highest) [next, highest] = [h, average];
    });
    asked[next]! += 1;
  }
  return asked;
}

/** The two labels that are offered for a row, in an order that tells nothing of who suggests which. */
export interface Question {
  readonly position: number; // in the pool
  readonly options: readonly [number, number];
}

/**
 * The rows to be checked as annotators get them, all strata mixed: labels that differ, else the predicted label and the
 * given one, else the predicted one and the next best.
 *
 * @param nextBest second most probable class of each row of the pool
 */
export function blindQuestions(
  strata: readonly PlannedStratum[],
  pool: Pool,
  nextBest: Int32Array,
  seed: number,
): Question[] {
  const random = seeded(seed, 'decide.questions');
  const other = { differ: pool.second, dispute: pool.given, agree: nextBest };
  const questions = strata.flatMap(({ name, asked }) =>
    Array.from(asked, (position): Question => {
      const [a, b] = [pool.first[position]!, other[name][position]!];
      return { position, options: random.next() < 0.5 ? [a, b] : [b, a] };
    }),
  );
  return [...random.shuffle(Int32Array.from(questions.keys()))].map((at) => questions[at]!);
}

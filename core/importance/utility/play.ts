import { seeded, type Random } from '../../random.js';
import { permutationWeights } from './semivalue.js';
import { addTerm, emptyTally, mergeTallies, tallyErrors, tallyValues, type Tally } from './tally.js';
import { membersOf, walkByValue, type Utility } from './utility.js';

/** How coalitions are drawn, and what is made of them. */
export type Game =
  | {
      /** Points join in a random order; each earns by how much it raises the utility. */
      readonly kind: 'permutations';
      readonly alpha: number; // of Beta Shapley; 1 and 1: Shapley
      readonly beta: number;
      /** Once the utility is this near to that of all points, the rest of an order earns nothing. 0: never. */
      readonly truncation: number;
    }
  | {
      /** Each point is in or out by the toss of a coin; it is worth the mean with it less the mean without it. */
      readonly kind: 'masks';
    };

/** Everything that decides the values, so that any worker plays the same unit to the same bits. */
export interface GamePlan {
  readonly game: Game;
  readonly seed: number;
  readonly perUnit: number; // permutations or masks in a unit of work
}

/**
 * Plays one unit of work: its permutations or masks depend on the seed and its number alone. Units can be played in any
 * order and place, and their tallies merged.
 *
 * @source Ghorbani & Zou, Data Shapley (TMC), ICML 2019; Wang & Jia, Data Banzhaf (maximum sample reuse), AISTATS 2023
 */
export function playUnit(utility: Utility, { game, seed, perUnit }: GamePlan, unit: number): Tally {
  const random = seeded(seed, `${game.kind} ${unit}`);
  if (game.kind === 'masks') {
    const masks = Array.from({ length: perUnit }, () => randomMask(utility.points, random));
    return tallyOfMasks(utility, masks);
  }
  const orders = Array.from({ length: perUnit }, () =>
    random.shuffle(Int32Array.from({ length: utility.points }, (_, i) => i)),
  );
  return tallyOfOrders(utility, orders, game);
}

/** Plays given permutations. */
export function tallyOfOrders(
  utility: Utility,
  orders: readonly Int32Array[],
  { alpha, beta, truncation }: Extract<Game, { kind: 'permutations' }>,
): Tally {
  const { points } = utility;
  const tally = emptyTally(points, 1);
  const weights = permutationWeights(points, alpha, beta);
  const none = utility.value(new Int32Array());
  const all = truncation > 0 ? utility.value(Int32Array.from({ length: points }, (_, i) => i)) : NaN;
  for (const order of orders) {
    const walk = utility.walk?.() ?? walkByValue(utility);
    let before = none;
    let over = false;
    order.forEach((point, place) => {
      over ||= Math.abs(all - before) < truncation;
      const value = over ? before : walk.add(point);
      addTerm(tally, 0, point, weights[place]! * (value - before));
      before = value;
    });
  }
  return tally;
}

/** Plays given coalitions; each is told by a 1 for every point that is in. */
export function tallyOfMasks(utility: Utility, masks: readonly Uint8Array[]): Tally {
  const tally = emptyTally(utility.points, 2);
  for (const mask of masks) {
    const value = utility.value(membersOf(mask));
    mask.forEach((isIn, point) => addTerm(tally, isIn === 1 ? 0 : 1, point, value));
  }
  return tally;
}

const randomMask = (points: number, random: Random): Uint8Array =>
  Uint8Array.from({ length: points }, () => random.below(2));

/** U(all) − U(all but i), (n,): n + 1 trainings. @source Cook 1977 */
export function leaveOneOut(utility: Utility): Float64Array {
  const all = Int32Array.from({ length: utility.points }, (_, i) => i);
  const whole = utility.value(all);
  return Float64Array.from(all, (point) => whole - utility.value(all.filter((other) => other !== point)));
}

/** When values are known well enough. */
export interface PlayLimits {
  readonly mostUnits: number;
  /** Half a 95% interval, of the least certain point; 0: no limit. */
  readonly halfWidth: number;
  /** Spearman correlation of the values with those `patience` units before; 1 or more: no limit. */
  readonly rankCorrelation: number;
  readonly patience: number;
}

/** Games between two units: what a crash need not undo. */
export interface PlayState {
  readonly units: number; // played, from 0 on
  readonly tally: Tally | undefined;
}

/** Where games stand after a unit. */
export interface PlayStep extends PlayState {
  readonly tally: Tally;
  readonly halfWidth: number; // of the least certain point's 95% interval
  readonly rankCorrelation: number; // with the values `patience` units before; NaN before there are any
  readonly done: boolean;
}

const Z95 = 1.959963984540054;

/** How well values are known. */
export interface Standing {
  readonly halfWidth: number; // of the least certain point's 95% interval
  readonly rankCorrelation: number; // with earlier values; NaN without any
  readonly isEnough: boolean; // as the limits say, their number of units aside
}

/** @param before values some units earlier, where there are any */
export function standing(
  tally: Tally,
  before: Float64Array | undefined,
  limits: Pick<PlayLimits, 'halfWidth' | 'rankCorrelation'>,
): Standing {
  const rankCorrelation = before ? spearman(before, tallyValues(tally)) : NaN;
  const halfWidth = Z95 * tallyErrors(tally).reduce((most, error) => Math.max(most, error), 0);
  const isEnough = halfWidth <= limits.halfWidth || rankCorrelation >= limits.rankCorrelation;
  return { halfWidth, rankCorrelation, isEnough };
}

/**
 * Plays unit after unit until the values are known well enough; a state that was saved goes on where it stood. The
 * correlation with earlier values begins anew there.
 */
export function* play(
  utility: Utility,
  plan: GamePlan,
  limits: PlayLimits,
  from: PlayState = { units: 0, tally: undefined },
): Generator<PlayStep, void> {
  const earlier: Float64Array[] = [];
  let { tally } = from;
  for (let unit = from.units; unit < limits.mostUnits; unit++) {
    const played = playUnit(utility, plan, unit);
    tally = tally ? mergeTallies(tally, played) : played;
    earlier.push(tallyValues(tally));
    const before = earlier.length > limits.patience ? earlier.shift() : undefined;
    const { halfWidth, rankCorrelation, isEnough } = standing(tally, before, limits);
    const done = isEnough || unit + 1 === limits.mostUnits;
    yield { units: unit + 1, tally, halfWidth, rankCorrelation, done };
    if (done) return;
  }
}

/** Correlation of ranks; equal values share their mean rank. */
function spearman(a: Float64Array, b: Float64Array): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - mean) * (y[i]! - mean);
    xx += (x[i]! - mean) ** 2;
    yy += (y[i]! - mean) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}

function ranks(values: Float64Array): Float64Array {
  const order = Int32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let p = from; p < to; p++) result[order[p]!] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}

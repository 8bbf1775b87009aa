import { examinationAt } from '../core/counterfactual/examination.js';
import { seeded, type Random } from '../core/random.js';

/** Items that can be shown for queries, with the truth about them. */
export interface GradedPairs {
  readonly queries: Int32Array; // (m,), query of each pair
  readonly grades: Int32Array; // (m,), 0 = irrelevant
}

export interface ClickPlan {
  readonly sessions: number;
  /** Share of the sessions that are bots. */
  readonly bots: number;
  /** Strength of the position bias: the place k is looked at with chance (1/k)^η. */
  readonly eta: number;
  /** Chance that a person who looks at an item clicks it, by grade. */
  readonly attractiveness: readonly number[];
  readonly seed: number;
}

/** Impressions in the order in which they happened. */
export interface ClickLog {
  readonly pairs: Int32Array; // (n,), which of the pairs was shown
  readonly sessions: Int32Array; // (n,)
  readonly places: Int32Array; // (n,), from 1
  readonly examination: Float64Array; // (n,), chance that the place was looked at
  readonly clicks: Uint8Array; // (n,)
  readonly bots: Uint8Array; // (sessions,), the truth
}

const PLACES = 10;
const MOST_QUERIES = 5; // of a session
const RANKER_NOISE = 1; // standard deviation, in grades: a middling ranker, different every time
const BOT_CLICKS = 0.5; // of whatever is shown, wherever

/**
 * A click log over pairs whose truth is known: sessions of one to five queries, ten items shown in the order of a middling
 * ranker, clicked by people as the position-based model says, by bots at random. The same plan gives the same log.
 */
export function simulateClicks({ queries, grades }: GradedPairs, plan: ClickPlan): ClickLog {
  const random = seeded(plan.seed, 'clicks');
  const byQuery = [...pairsOf(queries).values()];
  const columns = { pairs: [] as number[], sessions: [] as number[], places: [] as number[] };
  const clicks: number[] = [];
  const bots = new Uint8Array(plan.sessions);
  for (let session = 0; session < plan.sessions; session++) {
    const isBot = random.next() < plan.bots;
    if (isBot) bots[session] = 1;
    for (let asked = 1 + random.below(MOST_QUERIES); asked > 0; asked--) {
      rank(byQuery[random.below(byQuery.length)]!, grades, random).forEach((pair, at) => {
        const chance = isBot
          ? BOT_CLICKS
          : examinationAt(at + 1, plan.eta) * plan.attractiveness[grades[pair]!]!;
        columns.pairs.push(pair);
        columns.sessions.push(session);
        columns.places.push(at + 1);
        clicks.push(Number(random.next() < chance));
      });
    }
  }
  return {
    pairs: Int32Array.from(columns.pairs),
    sessions: Int32Array.from(columns.sessions),
    places: Int32Array.from(columns.places),
    examination: Float64Array.from(columns.places, (place) => examinationAt(place, plan.eta)),
    clicks: Uint8Array.from(clicks),
    bots,
  };
}

function pairsOf(queries: Int32Array): Map<number, number[]> {
  const byQuery = new Map<number, number[]>();
  queries.forEach((query, pair) => {
    const held = byQuery.get(query);
    if (held) held.push(pair);
    else byQuery.set(query, [pair]);
  });
  return byQuery;
}

/** The pairs of a query that are shown, the first place first. */
function rank(pairs: readonly number[], grades: Int32Array, random: Random): number[] {
  const scored = pairs.map((pair) => ({ pair, score: grades[pair]! + RANKER_NOISE * random.normal() }));
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, PLACES)
    .map(({ pair }) => pair);
}

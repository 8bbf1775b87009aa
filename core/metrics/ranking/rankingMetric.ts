/** Scored items of many queries, one row an item; rows of a query need not be neighbours. */
export interface RankingInput {
  readonly scores: ArrayLike<number>; // (n,), higher = nearer to the top; ties keep the order of rows
  readonly grades: ArrayLike<number>; // (n,), relevance from 0; 0 = irrelevant
  readonly queries: ArrayLike<number>; // (n,), the query (or user) of each row
  /** (n,); a query weighs the mean of its rows. The metric then carries its own name, `ndcg@10[sample_weight]`. */
  readonly sampleWeights?: ArrayLike<number>;
}

/** The items of one query. */
export interface RankedQuery {
  readonly grades: Float64Array; // from the top of the ranking down
  readonly ideal: Float64Array; // the same grades, the best first
  readonly scores: Float64Array; // of `grades`
  readonly weights: Float64Array; // of `grades`; all 1 for the plain metric
}

/** A metric's figure of every query that it can judge, for intervals and paired tests by query. */
export interface QueryFigures {
  readonly queries: Float64Array; // (Q,), as they first appear
  readonly values: Float64Array; // (Q,)
  readonly weights: Float64Array; // (Q,), how far each counts in the mean
  readonly skipped: number; // queries that have no figure
}

/** One number over ranked lists: the weighted mean of its queries' figures. */
export interface RankingMetric {
  readonly name: string;
  readonly range: readonly [number, number];
  readonly higherIsBetter: true;
  /** @throws RangeError where shapes don't fit, or no query can be judged */
  compute(input: RankingInput): number;
  perQuery(input: RankingInput): QueryFigures;
}

/** What a metric's file says of it. */
export interface RankingDefinition {
  readonly name: string;
  /** Looks at the first k items only where a name says so, `ndcg@10`. */
  readonly takesDepth: boolean;
  /** Figure of one query at depth k (Infinity: all); undefined where it has none. */
  ofQuery(query: RankedQuery, depth: number): number | undefined;
  /** How far a query counts beside its sample weights. @default 1 */
  importance?(query: RankedQuery): number;
}

/** The metric at a depth, plain or by sample weights. */
export function atDepth(definition: RankingDefinition, depth: number, usesWeights: boolean): RankingMetric {
  const at = Number.isFinite(depth) ? `@${String(depth)}` : '';
  const name = `${definition.name}${at}${usesWeights ? '[sample_weight]' : ''}`;
  const perQuery = (input: RankingInput): QueryFigures => {
    check(name, input, usesWeights);
    return figures(definition, depth, input, usesWeights);
  };
  return {
    name,
    range: [0, 1],
    higherIsBetter: true,
    perQuery,
    compute(input) {
      const { values, weights } = perQuery(input);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      if (!(total > 0)) throw new RangeError(`${name}: expected a query that can be judged, got none`);
      return values.reduce((sum, value, q) => sum + weights[q]! * value, 0) / total;
    },
  };
}

function figures(
  { ofQuery, importance }: RankingDefinition,
  depth: number,
  input: RankingInput,
  usesWeights: boolean,
): QueryFigures {
  const queries: number[] = [];
  const values: number[] = [];
  const weights: number[] = [];
  let skipped = 0;
  for (const [query, rows] of rowsByQuery(input.queries)) {
    const ranked = rank(input, rows, usesWeights);
    const value = ofQuery(ranked, depth);
    if (value === undefined) {
      skipped++;
      continue;
    }
    const mean = ranked.weights.reduce((sum, weight) => sum + weight, 0) / rows.length;
    queries.push(query);
    values.push(value);
    weights.push(importance ? importance(ranked) : mean);
  }
  return {
    queries: Float64Array.from(queries),
    values: Float64Array.from(values),
    weights: Float64Array.from(weights),
    skipped,
  };
}

/** Rows of each query, queries as they first appear, rows in their order. */
function rowsByQuery(queries: ArrayLike<number>): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < queries.length; row++) {
    const query = queries[row]!;
    const known = rows.get(query);
    if (known) known.push(row);
    else rows.set(query, [row]);
  }
  return rows;
}

function rank(
  { scores, grades, sampleWeights }: RankingInput,
  rows: number[],
  usesWeights: boolean,
): RankedQuery {
  // Array.prototype.sort is stable: ties keep the order of rows.
  const order = [...rows].sort((a, b) => scores[b]! - scores[a]!);
  const ranked = Float64Array.from(order, (row) => grades[row]!);
  return {
    grades: ranked,
    ideal: Float64Array.from(ranked).sort().reverse(),
    scores: Float64Array.from(order, (row) => scores[row]!),
    weights: Float64Array.from(order, (row) => (usesWeights ? sampleWeights![row]! : 1)),
  };
}

function check(
  name: string,
  { scores, grades, queries, sampleWeights }: RankingInput,
  usesWeights: boolean,
): void {
  const n = scores.length;
  if (n === 0) throw new RangeError(`${name}: expected at least one item, got none`);
  const lists = { grades, queries, ...(usesWeights ? { 'sample weights': sampleWeights ?? [] } : {}) };
  for (const [what, list] of Object.entries(lists)) {
    if (list.length !== n) {
      throw new RangeError(`${name}: expected ${n} ${what}, one an item, got ${list.length}`);
    }
  }
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(scores[i]!))
      throw new RangeError(`${name}: expected scores[${i}] to be a number, got NaN`);
    if (!(grades[i]! >= 0 && grades[i]! < Infinity)) {
      throw new RangeError(`${name}: expected grades[${i}] to be at least 0, got ${grades[i]}`);
    }
    if (usesWeights && !(sampleWeights![i]! >= 0 && sampleWeights![i]! < Infinity)) {
      throw new RangeError(`${name}: expected finite weights of at least 0, got ${sampleWeights![i]}`);
    }
  }
}

/** Tasks that a table can be for. */
export const INFERRED_TASKS = ['classification', 'ranking', 'ctr', 'recommendation'] as const;
export type InferredTask = (typeof INFERRED_TASKS)[number];

/** What a table is likely to be for, and the columns that its task needs. */
export interface TaskGuess {
  readonly task: InferredTask;
  /** The query of a ranking, the user of a recommendation. */
  readonly group?: string;
  readonly item?: string;
}

type Rows = readonly (readonly (string | null)[])[];

const QUERY = /^(qid|(query|search)([_\s-]?(id|term|text))?)$/iu;
const USER = /^(user|customer|visitor|member|reader|listener|viewer)([_\s-]?id)?$/iu;
const ITEM = /^(item|product|article|movie|film|song|track|book|video|sku)([_\s-]?id)?$/iu;
const GRADE = /^(grade|relevance|relevancy|rel|gain|judge?ment|rating|label|target|y)$/iu;
const CLICK = /^(is_?)?(click(s|ed)?|clk|impression_?click(ed)?|convert(ed)?|conversion)$/iu;
const TAKEN =
  /^(is_?)?(taken|bought|purchas(e|ed)|order(ed)?|lik(e|ed)|watch(ed)?|play(ed)?|read|interact(ion|ed)|click(s|ed)?)$/iu;
const YES_AND_NO = ['0 1', 'false true', 'no yes', 'negative positive'];
const LARGEST_GRADE = 30;

/**
 * What is learned of a table: items of a query in order, clicks, what a user takes, or classes. A guess, by names and
 * content, from some rows.
 *
 * @param rows cells in the order of the header
 * @param wanted the task where somebody said it: only its columns are looked for
 */
export function inferTask(
  header: readonly string[],
  rows: Rows,
  target: string,
  wanted?: InferredTask,
): TaskGuess {
  const others = header.filter((name) => name !== target);
  const values = distinct(rows, header.indexOf(target));
  const repeated = (pattern: RegExp): string | undefined =>
    others.find((name) => pattern.test(name) && isRepeated(rows, header.indexOf(name)));
  const [query, user, item] = [repeated(QUERY_ID) ?? repeated(QUERY), repeated(USER), repeated(ITEM)];
  const task = wanted ?? likeliest(target, values, { query, user, item });
  const group = { ranking: query, recommendation: user, ctr: undefined, classification: undefined }[task];
  return {
    task,
    ...(group === undefined ? {} : { group }),
    ...(task === 'recommendation' && item !== undefined ? { item } : {}),
  };
}

/** Where there is an id of the query beside its words, the words stay a feature. */
const QUERY_ID = /^(qid|(query|search)[_\s-]?id)$/iu;

function likeliest(
  target: string,
  values: ReadonlySet<string>,
  { query, user, item }: Readonly<Record<'query' | 'user' | 'item', string | undefined>>,
): InferredTask {
  if (isYesAndNo(values)) {
    if (user !== undefined && item !== undefined && TAKEN.test(target) && !CLICK.test(target))
      return 'recommendation';
    if (CLICK.test(target)) return 'ctr';
  }
  const isGraded = values.size >= 2 && [...values].every((value) => isGrade(value));
  return query !== undefined && isGraded && GRADE.test(target) ? 'ranking' : 'classification';
}

const isYesAndNo = (values: ReadonlySet<string>): boolean =>
  YES_AND_NO.includes(
    [...values]
      .map((value) => value.toLowerCase())
      .sort()
      .join(' '),
  );

const isGrade = (value: string): boolean => /^\d{1,2}$/u.test(value) && Number(value) <= LARGEST_GRADE;

const distinct = (rows: Rows, at: number): Set<string> =>
  new Set(rows.flatMap((row) => (row[at]?.trim() ? [row[at].trim()] : [])));

/** Several rows for most of its values. */
function isRepeated(rows: Rows, at: number): boolean {
  const found = distinct(rows, at).size;
  return found >= 2 && found <= rows.length / 2;
}

import { stringify } from 'yaml';
import type { Columns } from '../contracts/settings.js';
import type { SplitWords } from '../core/ingest/inferRoles.js';
import type { InferredTask } from '../core/ingest/inferTask.js';
import { learnedLines, taskLines } from './starterTask.js';

/** What is known of a table for which a first assay.yaml is written. */
export interface StarterInput {
  readonly name: string;
  readonly task: InferredTask;
  /** As the person typed it. */
  readonly source: string;
  readonly columns: Pick<
    Columns,
    'id' | 'target' | 'text' | 'attributes' | 'numeric' | 'categorical' | 'group' | 'time'
  >;
  readonly split?: { readonly column: string; readonly sides: SplitWords };
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
  /** Rows that were looked at, and whether they are the whole table. */
  readonly rows: number;
  readonly isWhole: boolean;
  /** The target's values among these rows, and how often each occurs. */
  readonly classes: ReadonlyMap<string, number>;
}

/** Below this many rows a hash of the id may leave a class out of a side. */
const SMALL_TABLE = 3000;
const SHOWN_CLASSES = 5;

/**
 * A first assay.yaml with a comment at each decision. It is valid as it stands.
 *
 * @throws RangeError where no column is left to learn from
 */
export function starterConfig(input: StarterInput): string {
  const { columns, name, source } = input;
  const isText = columns.text.length + columns.attributes.length > 0;
  if (!isText && columns.numeric.length + columns.categorical.length === 0) {
    throw new RangeError('no column is left to learn from');
  }
  return [
    '# yaml-language-server: $schema=.assay/assay.schema.json',
    `# Every setting: docs/configuration.md. ${input.isWhole ? 'All' : 'The first'} ${input.rows} rows were looked at.`,
    `name: ${scalar(name)}`,
    ...taskLines(input),
    'dataset:',
    `  source: ${scalar(source)} # a path, a glob or s3://…`,
    '  columns:',
    ...columnLines(input),
    ...splitLines(input),
    'clean:',
    `  minTextLength: ${isText ? 3 : 0} # shorter texts go to the quarantine; nothing is ever lost`,
    ...(input.task === 'classification' ? [] : ['  exactDuplicates: keep # the same is shown to many']),
    ...learnedLines(input),
    ...foldLines(input),
    '',
  ].join('\n');
}

const scalar = (value: string): string => stringify(value, { lineWidth: 0 }).trimEnd();
const list = (values: readonly string[]): string =>
  stringify(values, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();

function columnLines(input: StarterInput): string[] {
  const { columns, ignored, classes, split } = input;
  const single = (part: string, column: string | undefined, what: string): string[] =>
    column === undefined ? [] : [`    ${part}: ${scalar(column)} # ${what}`];
  const several = (part: string, names: readonly string[], what: string): string[] =>
    names.length === 0 ? [] : [`    ${part}: ${list(names)} # ${what}`];
  return [
    ...single('id', columns.id, 'never changes: says on which side a row is, and names it in reports'),
    ...single('target', columns.target, `what is learned: ${told(classes)}`),
    ...several('text', columns.text, 'free text'),
    ...several('attributes', columns.attributes, 'lists of "key: value; key: value"'),
    ...several('numeric', columns.numeric, 'numbers'),
    ...several('categorical', columns.categorical, 'categories'),
    ...single('group', columns.group, GROUPS[input.task]),
    ...single('time', columns.time, 'when it happened'),
    ...single('split', split?.column, 'the side that the data bring'),
    ...ignored.map((one) => `    # left out: ${comment(one.name)} (${one.reason})`),
  ];
}

const GROUPS: Readonly<Record<InferredTask, string>> = {
  classification: 'rows of one group stay on one side of every split and fold',
  ctr: 'rows of one group stay on one side of every split and fold',
  ranking: 'the query: its rows are judged as a whole and stay on one side',
  recommendation: 'the user: lists are judged user by user; a category too, so that each taste is learned',
};

/** Column names and labels come from the data: a line break in one must not end the comment. */
const comment = (text: string): string => text.replace(/\s+/gu, ' ');

function told(classes: ReadonlyMap<string, number>): string {
  const names = [...classes.keys()].sort().map((name) => comment(name).slice(0, 40));
  const shown = names.slice(0, SHOWN_CLASSES).join(', ');
  return `${names.length} classes (${shown}${names.length > SHOWN_CLASSES ? ', …' : ''})`;
}

function splitLines({ split, rows, isWhole, columns, task }: StarterInput): string[] {
  if (split) {
    const { train, validation, test } = split.sides;
    return [
      `  split: { by: column, train: ${scalar(train)}, validation: ${scalar(validation)}, test: ${scalar(test)} }`,
    ];
  }
  if (task === 'recommendation') {
    const by = columns.time === undefined ? 'hash' : 'time';
    return [
      `  split: { by: ${by}, groups: apart } # some rows of each user are held out: a taste that nobody knows is none`,
    ];
  }
  if (isWhole && rows < SMALL_TABLE && columns.group === undefined) {
    return ['  split: { by: stratified } # few rows: exact shares of each class, 70/15/15'];
  }
  return ['  split: { by: hash } # 70/15/15; a row never changes side when data are added'];
}

/** Rare classes need folds that still hold some of each. */
function foldLines({ classes, isWhole }: StarterInput): string[] {
  const rarest = Math.min(...classes.values());
  const folds = isWhole && rarest < 10 ? 3 : 5;
  return [`crossValidate: { folds: ${folds} }`];
}

import { stringify } from 'yaml';
import type { Columns } from '../contracts/settings.js';
import type { SplitWords } from '../core/ingest/inferRoles.js';

/** What is known of a table for which a first assay.yaml is written. */
export interface StarterInput {
  readonly name: string;
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
    'dataset:',
    `  source: ${scalar(source)} # a path, a glob or s3://…`,
    '  columns:',
    ...columnLines(input),
    ...splitLines(input),
    'clean:',
    `  minTextLength: ${isText ? 3 : 0} # shorter texts go to the quarantine; nothing is ever lost`,
    ...modelLines(isText),
    'importance: { estimator: pvi } # what a label says beyond its class, from models that never saw it',
    'loop:',
    '  maxRounds: 3 # weights must beat a tuned uniform model in a paired test, else they stay uniform',
    ...foldLines(input),
    '',
  ].join('\n');
}

const scalar = (value: string): string => stringify(value, { lineWidth: 0 }).trimEnd();
const list = (values: readonly string[]): string =>
  stringify(values, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();

function columnLines({ columns, ignored, classes, split }: StarterInput): string[] {
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
    ...single('group', columns.group, 'rows of one group stay on one side of every split and fold'),
    ...single('time', columns.time, 'when it happened'),
    ...single('split', split?.column, 'the side that the data bring'),
    ...ignored.map((one) => `    # left out: ${comment(one.name)} (${one.reason})`),
  ];
}

/** Column names and labels come from the data: a line break in one must not end the comment. */
const comment = (text: string): string => text.replace(/\s+/gu, ' ');

function told(classes: ReadonlyMap<string, number>): string {
  const names = [...classes.keys()].sort().map((name) => comment(name).slice(0, 40));
  const shown = names.slice(0, SHOWN_CLASSES).join(', ');
  return `${names.length} classes (${shown}${names.length > SHOWN_CLASSES ? ', …' : ''})`;
}

function splitLines({ split, rows, isWhole, columns }: StarterInput): string[] {
  if (split) {
    const { train, validation, test } = split.sides;
    return [
      `  split: { by: column, train: ${scalar(train)}, validation: ${scalar(validation)}, test: ${scalar(test)} }`,
    ];
  }
  if (isWhole && rows < SMALL_TABLE && columns.group === undefined) {
    return ['  split: { by: stratified } # few rows: exact shares of each class, 70/15/15'];
  }
  return ['  split: { by: hash } # 70/15/15; a row never changes side when data are added'];
}

const modelLines = (isText: boolean): string[] =>
  isText
    ? ['model: { name: linear } # fast and strong on text; or trees, mlp, lstm, transformer']
    : ['model: { name: trees } # no text: boosted trees; or linear, mlp'];

/** Rare classes need folds that still hold some of each. */
function foldLines({ classes, isWhole }: StarterInput): string[] {
  const rarest = Math.min(...classes.values());
  const folds = isWhole && rarest < 10 ? 3 : 5;
  return [`crossValidate: { folds: ${folds} }`];
}

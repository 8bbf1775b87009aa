import type { Knowledge } from '../../contracts/knowledge.js';
import type { CsrMatrix } from '../../contracts/matrix.js';
import type { FeaturesConfig } from '../../contracts/featureSettings.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { hstack } from '../sparse.js';
import { isWrittenWithoutSpaces } from '../text/tokenize.js';
import { attributes } from './attributes.js';
import { type BlockKind, type BlockLearner, type CountRequest, type FittedBlock, widthOf } from './block.js';
import { categorical } from './categorical.js';
import { joinedTexts } from './columns.js';
import { hashed } from './hashed.js';
import { bucketName, hashedText, HASHED_TEXT } from './hashedText.js';
import { graph, rules } from './knowledge.js';
import { match } from './match/match.js';
import { numeric } from './numeric.js';
import { numericInQuery } from './numericInQuery.js';
import { applySteps, type FittedStep } from './steps.js';
import { text, type TextSettings } from './text.js';
import { vector } from './vector.js';

/** Kinds of blocks. A stored block names one of these. */
const kinds = [
  text,
  hashedText,
  attributes,
  numeric,
  numericInQuery,
  categorical,
  hashed,
  vector,
  rules,
  graph,
  match,
] as const;

/** A fitted map from rows to sparse features. */
export interface Featurizer {
  readonly blocks: readonly FittedBlock[];
  /** What is made of the blocks' features, one after the other: selection, projections. */
  readonly steps: readonly FittedStep[];
  readonly width: number; // d, number of features after all steps
}

/** Learns features of rows that are all there. Give it training rows only. */
export function fitFeaturizer(
  batches: Iterable<ColumnBatch>,
  columns: Columns,
  config: FeaturesConfig,
  knowledge?: Knowledge,
): Featurizer {
  const rows = [...batches];
  const byCharacters = readsByCharacters(config, textsOf(rows, columns.text));
  const learner = featurizerLearner(columns, config, { byCharacters, ...(knowledge ? { knowledge } : {}) });
  for (let pass = 0; pass < learner.passes; pass++) for (const batch of rows) learner.add(batch, pass);
  return learner.featurizer();
}

/** What is known before the first row. */
export interface Beforehand {
  /** @see readsByCharacters */
  readonly byCharacters: boolean;
  readonly knowledge?: Knowledge;
}

/** Learns features of training rows that come in parts: all parts once a pass, always in one order. */
export interface FeaturizerLearner {
  readonly passes: number;
  add(batch: ColumnBatch, pass: number): void;
  /** After the last pass. */
  featurizer(): Featurizer;
  /** What may be counted elsewhere; `rest` is what the others learn from. */
  readonly requests: readonly CountRequest[];
  readonly rest: Pick<FeaturizerLearner, 'passes' | 'add'> & { readonly columns: readonly string[] };
}

export function featurizerLearner(
  columns: Columns,
  config: FeaturesConfig,
  { byCharacters, knowledge = { rules: [], facts: [] } }: Beforehand,
): FeaturizerLearner {
  const blocks: (BlockLearner & { readonly columns: readonly string[] })[] = [];
  const add = <S>(kind: BlockKind<S>, names: readonly string[], settings: S): void => {
    if (names.length > 0) blocks.push({ ...kind.learner(names, settings), columns: names });
  };
  for (const { buckets, ...settings } of textSettings(config, byCharacters)) {
    if (buckets === undefined) add(text, columns.text, settings);
    else add(hashedText, columns.text, { ...settings, buckets });
  }
  add(attributes, columns.attributes, config.attributes);
  add(numeric, columns.numeric, config.numeric);
  if (config.numeric.inQuery) add(numericInQuery, columns.numeric, {});
  const { buckets } = config.categorical;
  if (buckets === undefined) add(categorical, columns.categorical, config.categorical);
  else add(hashed, columns.categorical, { buckets });
  for (const [column, width] of Object.entries(columns.vectors ?? {}))
    add(vector, [column], { width, scale: config.vectors?.scale ?? 'unit' });
  if (knowledge.rules.length > 0)
    blocks.push({ ...rules.learner([], { rules: knowledge.rules }), columns: [] });
  if (knowledge.facts.length > 0) add(graph, columns.text, { facts: knowledge.facts });
  const { pairs = [], inQuery = false } = config.match ?? {};
  for (const { left, right, as } of pairs) add(match, [left, right], { as, inQuery });
  const others = blocks.filter(({ requests, passes }) => !requests && passes > 0);
  return {
    ...passesOf(blocks),
    requests: blocks.flatMap(({ requests = [] }) => requests),
    rest: { ...passesOf(others), columns: [...new Set(others.flatMap((block) => block.columns))] },
    featurizer: () => newFeaturizer(blocks.map((block) => block.block())),
  };
}

const passesOf = (blocks: readonly BlockLearner[]): Pick<FeaturizerLearner, 'passes' | 'add'> => ({
  passes: Math.max(0, ...blocks.map(({ passes }) => passes)),
  add: (batch, pass) => {
    for (const block of blocks) if (pass < block.passes) block.add(batch, pass);
  },
});

/**
 * Whether characters stand for words, as in Chinese and Japanese.
 *
 * @param texts of training rows in order; the first thousand that have letters are looked at, and only where it is for them to say
 */
export const readsByCharacters = ({ script }: FeaturesConfig, texts: Iterable<string>): boolean =>
  script === 'characters' || (script === 'auto' && isWrittenWithoutSpaces(texts));

/** A featurizer of fitted blocks, in the order of their features. */
export const newFeaturizer = (
  blocks: readonly FittedBlock[],
  steps: readonly FittedStep[] = [],
): Featurizer => ({
  blocks,
  steps,
  width: steps.at(-1)?.features.length ?? blocks.reduce((sum, block) => sum + widthOf(block), 0),
});

/** Which of the blocks' features may be left out, (d,): 1 where one may. */
export const selectableFeatures = ({ blocks }: Featurizer): Uint8Array =>
  Uint8Array.from(
    blocks.flatMap((block) =>
      new Array<number>(widthOf(block)).fill(Number(kindOf(block).selectable ?? false)),
    ),
  );

/**
 * Columns of a batch that features are made of, each once; `group` is among them where a row's features depend on the other
 * rows of its group, which then have to be in the same batch.
 */
export function inputColumns({ blocks }: Featurizer): string[] {
  const readsGroup = blocks.some((block) => knownKind(block)?.readsGroup?.(block) ?? false);
  return [...new Set([...blocks.flatMap(({ columns }) => columns), ...(readsGroup ? ['group'] : [])])];
}

const transformers = new WeakMap<Featurizer, readonly ((batch: ColumnBatch) => CsrMatrix)[]>();

/**
 * Features of a batch, (rows, width), in row order.
 *
 * @throws RangeError if the batch lacks a column
 */
export function transform(featurizer: Featurizer, batch: ColumnBatch): CsrMatrix {
  let parts = transformers.get(featurizer);
  if (!parts) {
    parts = featurizer.blocks.map((block) => kindOf(block).transformer(block));
    transformers.set(featurizer, parts);
  }
  if (parts.length === 0) return emptyMatrix(batch.rows);
  return applySteps(featurizer.steps, hstack(parts.map((part) => part(batch))));
}

/** Names of features, (width,), for people: `refund`, `colour=red`, `price`, `price is missing`, `shop: (other)`. */
export function featureNames(featurizer: Featurizer): string[] {
  const last = featurizer.steps.at(-1);
  if (last) return last.features.map(({ term }) => term);
  return featurizer.blocks.flatMap(({ kind, columns, settings, features }) => {
    if (kind === HASHED_TEXT) return bucketNames(columns, Number(settings['buckets']));
    return features.map(({ column, term }) => {
      if (kind === 'vector' && term !== 'missing') return `${column}[${term}]`;
      if (kind === 'numeric' || kind === 'vector')
        return term === 'missing' ? `${column} is missing` : column;
      const isNamed = ['categorical', 'hashed', 'match', 'numericInQuery'].includes(kind);
      return isNamed ? `${column}: ${term}` : term;
    });
  });
}

const bucketNames = (columns: readonly string[], buckets: number): string[] =>
  Array.from({ length: buckets }, (_, bucket) => bucketName(columns, bucket));

type NgramSettings = TextSettings & { readonly buckets?: number | undefined };

/** The kinds of text blocks that a configuration asks for. */
function textSettings({ words, characters }: FeaturesConfig, byCharacters: boolean): NgramSettings[] {
  const settings: NgramSettings[] = [];
  if (words) settings.push({ ...words, analyzer: byCharacters ? 'characters' : 'words' });
  if (characters) settings.push({ ...characters, analyzer: 'characters' });
  return settings;
}

function* textsOf(batches: readonly ColumnBatch[], columns: readonly string[]): Generator<string> {
  for (const batch of batches) yield* joinedTexts(batch, columns);
}

type KnownKind = Omit<BlockKind<never>, 'learner'>;

const knownKind = (block: FittedBlock): KnownKind | undefined =>
  kinds.find((known) => known.kind === block.kind);

function kindOf(block: FittedBlock): KnownKind {
  const kind = knownKind(block);
  if (kind) return kind;
  const known = kinds.map((each) => each.kind).join(' | ');
  throw new RangeError(`block of features: expected ${known}, got ${block.kind}`);
}

const emptyMatrix = (rows: number): CsrMatrix => ({
  rows,
  cols: 0,
  indptr: new Int32Array(rows + 1),
  indices: new Int32Array(0),
  values: new Float32Array(0),
});

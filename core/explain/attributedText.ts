import type { TextPart } from '../../contracts/detail.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { type FittedBlock, widthOf } from '../features/block.js';
import { joinedTexts } from '../features/columns.js';
import { featureNames, newFeaturizer, type Featurizer } from '../features/featurizer.js';
import { bucketName, HASHED_TEXT } from '../features/hashedText.js';
import { SEQUENCE } from '../features/sequence.js';
import { bucketOf } from '../text/hashing.js';
import { Bounds, scanCharacters, scanWords } from '../text/tokenize.js';

/** What pieces of a sample add to an output: its text in parts, and what is not text. All values add up to the whole. */
export interface AttributedText {
  readonly parts: readonly TextPart[];
  /** Features that are no text, and tokens that the text does not show; the strongest first. */
  readonly rest: readonly { readonly name: string; readonly value: number }[];
  /** Hashed features that several n-grams of the text fell into: the model can't tell these apart. The strongest first. */
  readonly shared?: readonly SharedBucket[];
}

interface SharedBucket {
  readonly name: string;
  readonly terms: readonly string[];
  readonly value: number;
}

/** Stored values of a sparse row, by column, or the tokens of a sequence, with what each adds. */
export interface RowPieces {
  readonly columns: ArrayLike<number>; // features, or token ids
  readonly values: Float64Array; // (columns,)
}

/**
 * Lays what features or tokens add over the characters of the text that made them: an n-gram's share goes evenly to its
 * occurrences, and there to its words.
 *
 * @param batch one row, with the columns of the featurizer
 */
export function attributedText(
  featurizer: Featurizer,
  batch: ColumnBatch,
  pieces: RowPieces,
): AttributedText {
  const block = featurizer.blocks.find(({ kind }) => ['text', HASHED_TEXT, SEQUENCE].includes(kind));
  const text = block ? (joinedTexts(batch, block.columns)[0] ?? '') : '';
  const lowered = text.toLowerCase();
  const shown = lowered.length === text.length ? text : lowered; // so that places are those of the shown text
  const canvas = new Float64Array(shown.length);
  const rest = new Map<string, number>();
  const shared: SharedBucket[] = [];
  const aside = (name: string, value: number): void => void rest.set(name, (rest.get(name) ?? 0) + value);
  if (block?.kind === SEQUENCE) layTokens(block, lowered, pieces, canvas, aside);
  else layAll(featurizer, lowered, pieces, canvas, { aside, share: (bucket) => shared.push(bucket) });
  const byStrength = <T extends { readonly value: number }>(list: readonly T[]): T[] =>
    list.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return {
    parts: cut(shown, canvas),
    rest: byStrength([...rest].map(([name, value]) => ({ name, value }))),
    ...(shared.length > 0 ? { shared: byStrength(shared) } : {}),
  };
}

type Aside = (name: string, value: number) => void;
interface Findings {
  readonly aside: Aside;
  readonly share: (bucket: SharedBucket) => void;
}

/** Features that were selected are those of the blocks; what was projected is no word any more. */
function layAll(
  featurizer: Featurizer,
  text: string,
  { columns, values }: RowPieces,
  canvas: Float64Array,
  findings: Findings,
): void {
  const { steps } = featurizer;
  const last = steps.at(-1);
  if (last && steps.some(({ vectors }) => vectors)) {
    Array.from(columns).forEach((column, i) => findings.aside(last.features[column]?.term ?? '', values[i]!));
    return;
  }
  const before = (column: number): number =>
    steps.reduceRight((at, { features }) => features[at]!.offset, column);
  layFeatures(featurizer, text, { columns: Array.from(columns, before), values }, canvas, findings);
}

function layFeatures(
  { blocks }: Featurizer,
  text: string,
  { columns, values }: RowPieces,
  canvas: Float64Array,
  findings: Findings,
): void {
  let first = 0;
  for (const block of blocks) {
    const end = first + widthOf(block);
    const own = Array.from(columns, (column, i) => [column - first, values[i]!] as const).filter(
      ([feature, value]) => feature >= 0 && feature < end - first && value !== 0,
    );
    if (block.kind === HASHED_TEXT) layBuckets(block, text, own, canvas, findings);
    else layNamed(block, text, own, canvas, findings.aside);
    first = end;
  }
}

/** Features of a block, by their places in it, and what they add. */
type Own = readonly (readonly [feature: number, value: number])[];

function layNamed(block: FittedBlock, text: string, own: Own, canvas: Float64Array, aside: Aside): void {
  const names = block.kind === 'text' ? [] : namesIn(block);
  const placesOf = block.kind === 'text' ? occurrences(block, text) : new Map<string, Span[]>();
  for (const [feature, value] of own) {
    const { term } = block.features[feature]!;
    const places = placesOf.get(term);
    if (places) lay(canvas, places, value);
    else aside(names[feature] ?? term, value);
  }
}

/** A bucket's value goes to the n-grams that it counts, by how much each of them counted. */
function layBuckets(
  block: FittedBlock,
  text: string,
  own: Own,
  canvas: Float64Array,
  { aside, share }: Findings,
): void {
  const found = new Map<number, { term: string; places: Span[]; counted: number }[]>();
  for (const [term, places] of occurrences(block, text)) {
    const { bucket, sign } = bucketOf(term, widthOf(block));
    const others = found.get(bucket) ?? [];
    found.set(bucket, [...others, { term, places, counted: sign * places.length }]);
  }
  for (const [bucket, value] of own) {
    const counts = found.get(bucket) ?? [];
    const total = counts.reduce((sum, { counted }) => sum + counted, 0);
    const name = bucketName(block.columns, bucket);
    if (total === 0) aside(name, value);
    else for (const { places, counted } of counts) lay(canvas, places, (value * counted) / total);
    if (counts.length > 1) share({ name, terms: counts.map(({ term }) => term), value });
  }
}

const known = new WeakMap<FittedBlock, readonly string[]>();

/** Names of a block's features, made once. */
function namesIn(block: FittedBlock): readonly string[] {
  const names = known.get(block) ?? featureNames(newFeaturizer([block]));
  known.set(block, names);
  return names;
}

/** Words or characters of one occurrence, as [start, end) pairs. */
type Span = readonly (readonly [start: number, end: number])[];

/** Where each n-gram of a text block stands. White space that the analyser collapses is told by its first character. */
function occurrences({ settings }: FittedBlock, text: string): Map<string, Span[]> {
  const isWords = settings['analyzer'] !== 'characters';
  const units = unitsOf(text, isWords);
  const found = new Map<string, Span[]>();
  for (let n = Number(settings['low']); n <= Number(settings['high']); n++) {
    for (let i = 0; i + n <= units.length; i++) {
      const own = units.slice(i, i + n);
      const term = own.map(({ unit }) => unit).join(isWords ? ' ' : '');
      const spans = found.get(term);
      const span = own.map(({ start, end }) => [start, end] as const);
      if (spans) spans.push(span);
      else found.set(term, [span]);
    }
  }
  return found;
}

interface Unit {
  readonly unit: string;
  readonly start: number;
  readonly end: number;
}

function unitsOf(text: string, isWords: boolean): Unit[] {
  const bounds = new Bounds();
  (isWords ? scanWords : scanCharacters)(text, bounds);
  const units = Array.from({ length: bounds.count }, (_, i): Unit => {
    const [start, end] = [bounds.starts[i]!, bounds.ends[i]!];
    return { unit: text.slice(start, end), start, end };
  });
  if (isWords) return units;
  const isSpace = (unit: string): boolean => /\s/u.test(unit);
  const kept = units.filter(({ unit }, i) => !isSpace(unit) || i === 0 || !isSpace(units[i - 1]!.unit));
  return kept.map((one) => {
    const next = units[units.indexOf(one) + 1];
    return isSpace(one.unit) && next && isSpace(next.unit) ? { ...one, unit: ' ' } : one;
  });
}

function lay(canvas: Float64Array, places: readonly Span[], value: number): void {
  for (const span of places) {
    for (const [start, end] of span) {
      const share = value / places.length / span.length / (end - start);
      for (let at = start; at < end; at++) canvas[at]! += share;
    }
  }
}

/** Tokens are found one after the other; what is not there (special ones, unknown ones) goes aside. */
function layTokens(
  { features }: FittedBlock,
  text: string,
  { columns, values }: RowPieces,
  canvas: Float64Array,
  aside: Aside,
): void {
  let from = 0;
  Array.from(columns).forEach((id, i) => {
    const term = features[id]?.term ?? '';
    const surface = term.replace(/^##/, '').toLowerCase();
    const start = /^\[.+\]$/.test(term) || surface === '' ? -1 : text.indexOf(surface, from);
    if (start < 0) return aside(term, values[i]!);
    from = start + surface.length;
    lay(canvas, [[[start, from]]], values[i]!);
  });
}

const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** The text in words, what is between them, and single characters where words are written without spaces. */
function cut(text: string, canvas: Float64Array): TextPart[] {
  const parts: TextPart[] = [];
  const push = (start: number, end: number): void => {
    if (end > start)
      parts.push({
        text: text.slice(start, end),
        value: canvas.subarray(start, end).reduce((a, b) => a + b, 0),
      });
  };
  let at = 0;
  for (const { start, end, unit } of unitsOf(text, true)) {
    push(at, start);
    if (SPACELESS.test(unit)) {
      let from = start;
      for (const character of unit) push(from, (from += character.length));
    } else push(start, end);
    at = end;
  }
  push(at, text.length);
  return parts;
}

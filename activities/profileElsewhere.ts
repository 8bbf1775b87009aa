import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import type { Columns } from '../contracts/settings.js';
import type { SharedSession, StageContext } from '../contracts/store.js';
import { planFunctions } from '../core/cleaning/planSql.js';
import { decileBins, decilePositions, namedLabels } from '../core/drift/bins.js';
import { type Binned, type Distributions, profileColumns, type Seen } from '../core/drift/profile.js';
import type { View } from '../core/drift/views.js';
import {
  belowSelect,
  countsBetween,
  countsSelect,
  cutSelect,
  lengthValues,
  numberValue,
  ownSelect,
  theirsSelect,
  topSelect,
  wordValues,
  WORDS,
} from '../core/drift/viewSql.js';
import { textValue } from '../core/sql/text.js';
import { sqlFunctions } from '../core/sql/functions.js';
import { ngramsFunction } from '../core/sql/textFunctions.js';
import { joinedCuts, type TextColumns } from './joinedCuts.js';

/** What reads numbers and writes them. */
const CALLED = new Set(['number_text', 'as_number']);

/** A table of the session that is looked at. */
interface Looked {
  readonly table: 'now' | 'before';
  readonly specs: readonly ColumnSpec[];
}

/** What `profileRows` finds, counted by another engine than this machine's: what comes here are bins. */
export async function profileElsewhere(
  columns: Columns,
  now: ArtifactRef,
  reference: ArtifactRef | undefined,
  context: StageContext & { readonly elsewhere: NonNullable<StageContext['elsewhere']> },
): Promise<Distributions> {
  const inputs = { now: [now], ...(reference ? { before: [reference] } : {}) };
  const options = {
    ...{
      inputs,
      functions: [...sqlFunctions(0), ...planFunctions([])].filter(({ name }) => CALLED.has(name)),
    },
    progress: (share: number) => context.progress({ done: share, total: 1, unit: 'of a scan' }),
  };
  const tables: Looked[] = [];
  for (const [table, ref] of [
    ['now', now],
    ['before', reference],
  ] as const)
    if (ref) tables.push({ table, specs: (await context.artifacts.manifest(ref)).columns });
  return context.elsewhere(options, async (session) => {
    const texts = tables.flatMap(({ table, specs }): TextColumns[] =>
      [...columns.text, ...columns.attributes].map((column) => ({
        ...{ table, text: textValue(specOf(specs, column)) },
      })),
    );
    const cuts = await joinedCuts(session, texts);
    await session.function(ngramsFunction(WORDS, { analyzer: 'words', ngrams: [1, 1] }, cuts));
    return profileColumns(columns, (views) => look(session, tables, views));
  });
}

async function look(
  session: SharedSession,
  tables: readonly Looked[],
  views: readonly View[],
): Promise<readonly Seen[]> {
  const cut = views.some(({ values }) => values === 'words' || values === 'lengths');
  if (cut) {
    for (const { table, specs } of tables)
      await session.table(`cut_${table}`, cutSelect(table, specOf(specs, views[0]!.column)));
  }
  const seen: Seen[] = [];
  for (const view of views) {
    const isNumber = view.values === 'numbers' || view.values === 'lengths';
    seen.push(await (isNumber ? lookAtNumbers : lookAtTexts)(session, tables, view));
  }
  return seen;
}

const specOf = (specs: readonly ColumnSpec[], name: string): ColumnSpec =>
  specs.find((spec) => spec.name === name)!;

/** One column called `value`. */
function valuesOf({ column, values }: View, { table, specs }: Looked): string {
  switch (values) {
    case 'numbers':
      return `SELECT ${numberValue(specOf(specs, column))} AS value FROM ${table}`;
    case 'texts':
      return `SELECT ${textValue(specOf(specs, column))} AS value FROM ${table}`;
    case 'lengths':
      return lengthValues(`cut_${table}`);
    case 'words':
      return wordValues(`cut_${table}`);
  }
}

async function lookAtNumbers(
  session: SharedSession,
  [now, before]: readonly Looked[],
  view: View,
): Promise<Seen> {
  const binsOf = async (of: Looked) =>
    decileBins(
      await session.ranked(
        `SELECT value FROM (${valuesOf(view, of)}) AS each WHERE value IS NOT NULL`,
        decilePositions,
      ),
    );
  const count = async (of: Looked, bins: Awaited<ReturnType<typeof binsOf>>): Promise<Float64Array> => {
    const [found] = await session.query(belowSelect(valuesOf(view, of), bins));
    return countsBetween(found!.map(Number));
  };
  const own = await binsOf(now!);
  const seen = { own: { labels: own.labels, counts: await count(now!, own) } };
  if (!before) return seen;
  const bins = await binsOf(before);
  const [reference, current] = [await count(before, bins), await count(now!, bins)];
  return { ...seen, change: { labels: bins.labels, reference, current } };
}

async function lookAtTexts(
  session: SharedSession,
  [now, before]: readonly Looked[],
  view: View,
): Promise<Seen> {
  const present = await countTexts(session, now!, view);
  const own = binned(present, present.times);
  if (!before) return { own };
  const past = await countTexts(session, before, view);
  const found = await session.query(theirsSelect('top_before', 'counts_now'));
  const theirs = found.map(([times]) => Number(times));
  const { labels, counts: reference } = binned(past, past.times);
  return {
    own,
    change: { labels, reference, current: binned({ ...present, names: past.names }, theirs).counts },
  };
}

interface TextCounts {
  /** The most frequent ones, and how often they are there. */
  readonly names: readonly string[];
  readonly times: readonly number[];
  readonly all: number;
  readonly missing: number;
}

/** Makes a table of counts, and a view of the most frequent ones. */
async function countTexts(session: SharedSession, of: Looked, view: View): Promise<TextCounts> {
  const [counts, top] = [`counts_${of.table}`, `top_${of.table}`];
  await session.table(counts, countsSelect(valuesOf(view, of)));
  await session.view(top, topSelect(counts, view.most));
  const found = await session.query(ownSelect(top, counts));
  const [all, missing] = found.slice(-2).map(([, , times]) => Number(times)) as [number, number];
  const named = found.slice(0, -2);
  return {
    names: named.map(([, name]) => String(name)),
    times: named.map(([, , times]) => Number(times)),
    all,
    missing,
  };
}

/** @param times how often each of the names is there: all others are in the bin of others */
function binned({ names, all, missing }: Omit<TextCounts, 'times'>, times: readonly number[]): Binned {
  const others = times.reduce((left, found) => left - found, all - missing);
  return { labels: namedLabels(names), counts: Float64Array.of(...times, others, missing) };
}

import type { ColumnSpec } from '../../contracts/artifact.js';
import { nameSql, numberSql, textValue } from '../sql/text.js';
import { FIRST } from '../sql/textFunctions.js';
import type { NumberBins } from './bins.js';

/** Function from a text to its marked words: see `ngramsFunction`. */
export const WORDS = 'words_of';

const INFINITY = "CAST('Infinity' AS DOUBLE)";

/** A column as numbers; what is none is missing: as `numberColumn` has it. */
export function numberValue({ name, type }: ColumnSpec): string {
  const cell = nameSql(name);
  const number =
    type === 'utf8' ? `CASE WHEN ${cell} <> '' THEN as_number(${cell}) END` : `CAST(${cell} AS DOUBLE)`;
  return `CASE WHEN abs(${number}) < ${INFINITY} THEN ${number} END`;
}

/** Texts of a table, cut into marked words. */
export const cutSelect = (table: string, spec: ColumnSpec): string =>
  `SELECT ${WORDS}(${textValue(spec)}) AS terms FROM ${table}`;

/** Each word of cut texts, once a text. */
export const wordValues = (cut: string): string =>
  `SELECT substr(term, 2) AS value FROM (SELECT unnest(terms) AS term FROM ${cut}) AS each WHERE starts_with(term, '${FIRST}')`;

/** How many words cut texts have. */
export const lengthValues = (cut: string): string =>
  `SELECT CAST(array_length(terms) AS DOUBLE) AS value FROM ${cut}`;

/** How often each value is there; that of what is missing is NULL. */
export const countsSelect = (values: string): string =>
  `SELECT value, count(*) AS times FROM (${values}) AS each GROUP BY value`;

/** The most frequent values of a table of counts; of equals the first by code point. */
export const topSelect = (counts: string, most: number): string =>
  `SELECT value, times FROM ${counts} WHERE value IS NOT NULL ORDER BY times DESC, value LIMIT ${most}`;

/** Those, in their order; then how much is counted in all, and what of it is missing. */
export const ownSelect = (top: string, counts: string): string =>
  `SELECT part, value, times FROM (
     SELECT 0 AS part, value, times FROM ${top}
     UNION ALL SELECT 1, NULL, CAST(coalesce(sum(times), 0) AS BIGINT) FROM ${counts}
     UNION ALL SELECT 2, NULL, CAST(coalesce(sum(times) FILTER (WHERE value IS NULL), 0) AS BIGINT) FROM ${counts}) AS found
   ORDER BY part, times DESC, value`;

/** How often, by another table of counts, they are there. In their order. */
export const theirsSelect = (top: string, counts: string): string =>
  `SELECT coalesce(${counts}.times, 0) FROM ${top} LEFT JOIN ${counts} ON ${top}.value = ${counts}.value
   ORDER BY ${top}.times DESC, ${top}.value`;

/** Numbers, all in all and present, and how many are below each of the edges. */
export const belowSelect = (values: string, { edges }: NumberBins): string =>
  `SELECT count(*), count(value)${edges.map((edge) => `, count(*) FILTER (WHERE value < ${numberSql(edge)})`).join('')}
   FROM (${values}) AS each`;

/** What `belowSelect` gave, as counts over the bins. */
export function countsBetween([all = 0, present = 0, ...below]: readonly number[]): Float64Array {
  const ends = [...below, present];
  return Float64Array.of(...ends.map((end, b) => end - (ends[b - 1] ?? 0)), all - present);
}

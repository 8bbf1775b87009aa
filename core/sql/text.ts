import type { ColumnSpec } from '../../contracts/artifact.js';
import { ConfigError } from '../../contracts/errors.js';

/** A text as SQL writes it: nothing in it is ever part of a statement. @throws ConfigError when it holds a NUL */
export function textSql(text: string): string {
  if (text.includes('\0'))
    throw new ConfigError(`${JSON.stringify(text)}: a NUL character can't be looked for`);
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as SQL writes it. */
export const nameSql = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A finite number as SQL writes it, exact to the bit. */
export function numberSql(value: number): string {
  return `CAST('${String(value)}' AS DOUBLE)`;
}

/** What String.trim takes away. */
const BLANKS =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** String.trim of an expression; the database takes four times as long to look for blanks as to see that there are none. */
export function trimSql(text: string): string {
  const trimmed = `trim(${text}, '${BLANKS}')`;
  if (!/^\w+$/.test(text)) return trimmed; // to be worked out once only
  const startsWithInk = `${text} >= '!' AND ${text} < chr(127)`;
  return `CASE WHEN ${startsWithInk} AND ${text}[-1] BETWEEN '!' AND '~' THEN ${text} ELSE ${trimmed} END`;
}

/** A trimmed text; missing where nothing is left. */
export const presentSql = (text: string): string => `nullif(${trimSql(text)}, '')`;

const ESCAPES: readonly (readonly [code: number, text: string])[] = Array.from({ length: 32 }, (_, code) => [
  code,
  JSON.stringify(String.fromCharCode(code)).slice(1, -1),
]);

/** JSON.stringify of a present text. */
export function jsonTextSql(text: string): string {
  const basic = `replace(replace(${text}, '\\', '\\\\'), '"', '\\"')`;
  const full = ESCAPES.reduce((sql, [code, to]) => `replace(${sql}, chr(${code}), '${to}')`, basic);
  return `CASE WHEN regexp_matches(${text}, '[\\x00-\\x1f]') THEN '"' || ${full} || '"' ELSE '"' || ${basic} || '"' END`;
}

/** Name of the function that writes a number as JavaScript does: see `sqlFunctions`. */
export const NUMBER_TEXT = 'number_text';

/** A column of an input as texts: as `textColumn` has it. */
export const textValue = ({ name, type }: ColumnSpec): string =>
  type === 'utf8' ? nameSql(name) : `${NUMBER_TEXT}(CAST(${nameSql(name)} AS DOUBLE))`;

/** A column of a table under work. */
export interface SqlColumn {
  readonly name: string;
  readonly type: 'utf8' | 'float64';
  /** What stands for it in statements. */
  readonly sql: string;
}

/** JSON.stringify of an object of these columns' present values, in the order that JavaScript gives its keys. */
export function jsonObjectSql(columns: readonly SqlColumn[]): string {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const names = Object.keys(Object.fromEntries(byName));
  const members = names.map((name) => {
    const { sql, type } = byName.get(name)!;
    const value = type === 'float64' ? `${NUMBER_TEXT}(${sql})` : jsonTextSql(sql);
    return `CASE WHEN ${sql} IS NOT NULL THEN ${textSql(`${JSON.stringify(name)}:`)} || ${value} END`;
  });
  return `'{' || concat_ws(',', ${members.join(', ') || "''"}) || '}'`;
}

/** A row as JSON, for quarantine and for hashing: names sorted, missing values left out. As DatasetBuilder's rowJson. */
export const rowJsonSql = (columns: readonly SqlColumn[]): string =>
  jsonObjectSql([...columns].sort((a, b) => (a.name < b.name ? -1 : 1)));

/** A rule that rows may break. */
export interface SqlRule {
  /** SQL of whether they do. */
  readonly when: string;
  readonly rule: string;
  /** SQL of a text. */
  readonly reason: string;
}

/** The first of the rules that hold, as two expressions; missing where none does. */
export function firstRuleSql(rules: readonly SqlRule[]): { readonly rule: string; readonly reason: string } {
  if (rules.length === 0) return { rule: 'CAST(NULL AS VARCHAR)', reason: 'CAST(NULL AS VARCHAR)' };
  const chain = (pick: (one: SqlRule) => string): string =>
    `CASE ${rules.map((one) => `WHEN ${one.when} THEN ${pick(one)}`).join(' ')} END`;
  return { rule: chain(({ rule }) => textSql(rule)), reason: chain(({ reason }) => reason) };
}

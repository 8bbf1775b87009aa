/** What Spark calls otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  VARCHAR: 'STRING',
  starts_with: 'startswith',
  ends_with: 'endswith',
  regexp_matches: 'regexp_like',
  trim: 'btrim',
  unnest: 'explode',
  array_length: 'array_size',
};
const PIECES = new RegExp(
  `'(?<text>(?:[^']|'')*)'|"(?<name>(?:[^"]|"")*)"|\\b(?<cell>\\w+)\\[(?<end>-?)1\\]|\\b(?<word>${Object.keys(NAMES).join('|')})\\b`,
  'g',
);

/**
 * A statement as Spark reads it: its texts and quoted names are written as Spark wants them, and some words are other ones.
 * All else must be what both engines say alike.
 */
export function sparkSql(sql: string): string {
  return sql.replace(PIECES, (whole, ...found: unknown[]) => {
    const { text, name, cell, end, word } = found.at(-1) as Readonly<Record<string, string | undefined>>;
    if (text !== undefined) return sparkText(text.replaceAll("''", "'"));
    if (name !== undefined) return `\`${name.replaceAll('""', '"').replaceAll('`', '``')}\``;
    if (cell !== undefined) return `${end === '-' ? 'right' : 'left'}(${cell}, 1)`;
    return word === undefined ? whole : NAMES[word]!;
  });
}

const sparkText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

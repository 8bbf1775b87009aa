const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const SHORTHANDS = ['@yearly', '@monthly', '@weekly', '@daily', '@hourly'];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Of the values from `min` on. */
  readonly words?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of week', min: 0, max: 6, words: DAYS },
];

/** What is wrong with a cron expression of five fields (or a shorthand such as `@daily`); undefined where nothing is. */
export function cronMistake(text: string): string | undefined {
  if (text.startsWith('@'))
    return SHORTHANDS.includes(text) ? undefined : `found "${text}", expected ${SHORTHANDS.join(', ')}`;
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `found ${parts.length} fields in "${text}", expected minute, hour, day of month, month, day of week, as in "0 3 * * *"`;
  }
  for (const [i, field] of FIELDS.entries()) {
    const wrong = parts[i]!.split(',').find((item) => !fits(item, field));
    if (wrong !== undefined) return `${field.name}: found "${wrong}", expected ${allowed(field)}`;
  }
  return undefined;
}

const allowed = ({ min, max, words }: Field): string =>
  `${min} to ${max}${words ? ` or ${words[0]!} to ${words.at(-1)!}` : ''}, a range a-b, * or */n`;

/** `*`, `5`, `1-5`, each with or without a step `/2`. */
function fits(item: string, field: Field): boolean {
  const [, range, step] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
  if (range === undefined || step === '0') return false;
  if (range === '*') return true;
  const [from, to, ...more] = range.split('-').map((one) => valueOf(one, field));
  return (
    more.length === 0 && from !== undefined && (!range.includes('-') || (to !== undefined && from <= to))
  );
}

function valueOf(text: string, { min, max, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  const value = word >= 0 ? min + word : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

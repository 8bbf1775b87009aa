/** What `\s` is in JavaScript. */
const BLANKS = '\\t\\n\\x0b\\f\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const NO_LINE_END = '[^\\n\\r\\u2028\\u2029]';

const TOKEN =
  /\\u\{[0-9a-fA-F]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|\(\?(?:[:=!]|<[=!]?)|\{\d+(?:,\d*)?\}|[\s\S]/gu;
const KEPT = new Set([
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\b',
  '\\B',
  '(',
  ')',
  '(?:',
  '(?=',
  '(?!',
  '|',
  '*',
  '+',
  '?',
  '^',
]);
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };

/** Why a pattern of JavaScript has no equal in Python. */
export interface ForeignPattern {
  readonly foreign: string;
}

/**
 * A regular expression of JavaScript (flag u) as one of Python that is found in the same texts. Back references, look-behind,
 * names and Unicode classes have none: they are told as they stand.
 */
export function pythonPattern(source: string): string | ForeignPattern {
  const tokens = source.match(TOKEN) ?? [];
  let written = '(?a)'; // \w, \d and \b speak of ASCII, as JavaScript's do
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token === '[') {
      const end = classEnd(tokens, at);
      const inside = pythonClass(tokens.slice(at + 1, end));
      if (typeof inside !== 'string') return inside;
      written += inside;
      at = end;
      continue;
    }
    const piece = pythonToken(token);
    if (piece === undefined) return { foreign: token === '(?<' ? '(?<name>' : token };
    written += piece;
  }
  return written;
}

function classEnd(tokens: readonly string[], from: number): number {
  return tokens.indexOf(']', from + 1);
}

function pythonToken(token: string): string | undefined {
  if (KEPT.has(token) || /^\{\d/.test(token)) return token;
  if (token === '.') return NO_LINE_END;
  if (token === '$') return '\\Z';
  if (token === '\\s') return `[${BLANKS}]`;
  if (token === '\\S') return `[^${BLANKS}]`;
  if (token.startsWith('(?')) return undefined;
  const character = characterOf(token);
  return character === undefined ? undefined : pythonText(character);
}

/** What stands between brackets. */
function pythonClass(tokens: readonly string[]): string | ForeignPattern {
  const isNegated = tokens[0] === '^';
  const members = isNegated ? tokens.slice(1) : tokens;
  if (members.length === 0) return isNegated ? '[\\d\\D]' : '(?!)';
  let written = '';
  for (const [at, token] of members.entries()) {
    const isRange = token === '-' && at > 0 && at < members.length - 1;
    const character = token === '\\b' ? '\b' : characterOf(token);
    if (/^\\[dDwW]$/.test(token) || isRange) written += token;
    else if (token === '\\s') written += BLANKS;
    else if (character === undefined) return { foreign: token };
    else written += [...character].map(pythonText).join('');
  }
  return `[${isNegated ? '^' : ''}${written}]`;
}

/** The characters that a token stands for; undefined where it is more than that. */
function characterOf(token: string): string | undefined {
  const code = /^\\(?:u\{(.+)\}|u(.{4})|x(.{2}))$/.exec(token);
  if (code) {
    const point = parseInt(code[1] ?? code[2] ?? code[3]!, 16);
    return point >= 0xd800 && point <= 0xdfff ? undefined : String.fromCodePoint(point);
  }
  if (!token.startsWith('\\')) return token;
  const escaped = token.slice(1);
  return CONTROLS[escaped] ?? (/^[\^$\\.*+?()[\]{}|/-]$/.test(escaped) ? escaped : undefined);
}

/** A character that stands for itself, in brackets as outside. */
function pythonText(character: string): string {
  if (/^[A-Za-z0-9_]$/.test(character)) return character;
  const code = character.codePointAt(0)!;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
}

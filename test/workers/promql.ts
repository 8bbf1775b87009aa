/**
 * A small check of PromQL, for want of `promtool`: tokens, brackets, names of functions, matchers. It does not know
 * types or operators' arguments.
 */
const FUNCTIONS = ['histogram_quantile', 'increase', 'max', 'min', 'rate', 'sum'];
const WORDS = ['and', 'by', 'or', 'unless', 'without'];
const TOKEN =
  /\s+|(?<matchers>\{[^}]*\})|(?<range>\[[^\]]*\])|(?<name>[a-zA-Z_:][\w:]*)|(?<number>\d+(?:\.\d+)?)|(?<mark>==|!=|>=|<=|[-+*/><(),])/y;
const MATCHERS = /^\{(?:\w+(?:=~|!~|=|!=)"[^"]*"(?:,\s*\w+(?:=~|!~|=|!=)"[^"]*")*)?\}$/;

type Kind = 'matchers' | 'range' | 'name' | 'number' | 'mark' | 'unknown';

function tokens(expression: string): [Kind, string][] {
  const found: [Kind, string][] = [];
  for (let at = 0; at < expression.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (!match) return [...found, ['unknown', expression.slice(at)]];
    for (const [kind, text] of Object.entries(match.groups ?? {})) {
      if (text) found.push([kind as Kind, text]);
    }
    at = TOKEN.lastIndex;
  }
  return found;
}

/** Names of the metrics that an expression reads. */
export function metricNames(expression: string): string[] {
  // Labels of by () and without () look like metrics.
  const plain = expression.replace(/\b(?:by|without)\s*\([^()]*\)/g, '');
  return tokens(plain).flatMap(([kind, text]) =>
    kind === 'name' && !FUNCTIONS.includes(text) && !WORDS.includes(text) ? [text] : [],
  );
}

/** A label that an expression asks of a metric: one of its values, or just that it is there. */
interface AskedLabel {
  readonly metric: string;
  readonly label: string;
  readonly value?: string;
}

/** Labels of matchers (those for equality), and of by () for every metric of the expression. */
export function labelsAsked(expression: string): AskedLabel[] {
  const matched = [...expression.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].flatMap(
    ([, metric = '', inner = '']) =>
      [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => ({ metric, label, value })),
  );
  const grouped = [...expression.matchAll(/\bby\s*\(([^()]*)\)/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  );
  const metrics = metricNames(expression);
  return [...matched, ...grouped.flatMap((label) => metrics.map((metric) => ({ metric, label })))];
}

/** What is wrong with an expression. */
export function problems(expression: string): string[] {
  const found: string[] = [];
  const all = tokens(expression);
  let depth = 0;
  all.forEach(([kind, text], i) => {
    const next = all[i + 1]?.[1];
    if (kind === 'unknown') found.push(`unexpected ${text}`);
    if (kind === 'matchers' && !MATCHERS.test(text)) found.push(`matchers ${text}`);
    if (kind === 'range' && !/^\[\d+[smhd]\]$/.test(text)) found.push(`range ${text}`);
    if (kind === 'name' && next === '(' && ![...FUNCTIONS, ...WORDS].includes(text))
      found.push(`function ${text}`);
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth < 0) found.push('a bracket closes what none opened');
  });
  if (depth > 0) found.push('a bracket is not closed');
  return found.map((problem) => `${expression}: ${problem}`);
}

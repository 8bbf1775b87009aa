import type { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import type { Predicate } from '../../contracts/settings.js';

type PredicateConfig = z.infer<typeof Predicate>;

/**
 * Compiles a predicate over one cell (undefined: missing; only `missing` holds for it). Words compare as text,
 * `lessThan` and `greaterThan` as numbers; equals on a numeric column compares numbers.
 *
 * @throws ConfigError when the value is absent, isn't a number, or isn't a regular expression
 */
export function compilePredicate(
  { column, op, value }: PredicateConfig,
  isNumeric: boolean,
): (cell: string | undefined) => boolean {
  const where = `clean.irrelevant, column "${column}", op ${op}`;
  if (op === 'missing') return (cell) => cell === undefined || cell.trim() === '';
  if (value === undefined) throw new ConfigError(`${where}: expected a value`);
  const holds = compare(where, op, value, isNumeric);
  return (cell) => cell !== undefined && holds(cell);
}

function compare(
  where: string,
  op: Exclude<PredicateConfig['op'], 'missing'>,
  value: string | number,
  isNumeric: boolean,
): (cell: string) => boolean {
  const text = String(value);
  const number = Number(value);
  if ((op === 'lessThan' || op === 'greaterThan') && (Number.isNaN(number) || text.trim() === '')) {
    throw new ConfigError(`${where}: expected a number, got ${JSON.stringify(value)}`);
  }
  const same = (cell: string): boolean => (isNumeric ? Number(cell) === number : cell === text);
  switch (op) {
    case 'equals':
      return same;
    case 'notEquals':
      return (cell) => !same(cell);
    case 'contains':
      return (cell) => cell.includes(text);
    case 'lessThan':
      return (cell) => Number(cell) < number;
    case 'greaterThan':
      return (cell) => Number(cell) > number;
    case 'matches': {
      const pattern = compilePattern(where, text);
      return (cell) => pattern.test(cell);
    }
  }
}

function compilePattern(where: string, source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new ConfigError(`${where}: ${JSON.stringify(source)} is not a regular expression`, {
      cause: error,
    });
  }
}

import { CliError, EXIT } from './exit.js';

/** The number that an option was given. @throws CliError (exit 2) where it is no whole number of at least `least` */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new CliError(`${option}: expected a whole number of at least ${least}, got "${text}"`, EXIT.usage);
}

/** The number that an option was given. @throws CliError (exit 2) where it is none, or out of its range */
export function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new CliError(`${option}: expected a number ${range}, got "${text}"`, EXIT.usage);
}

import { CliError, EXIT } from './exit.js';

/** The number that an option was given. @throws CliError (exit 2) where it is no whole number of at least `least` */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new CliError(`${option}: expected a whole number of at least ${least}, got "${text}"`, EXIT.usage);
}

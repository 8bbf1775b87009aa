import { Option, type Command } from 'commander';

export interface FormatOptions {
  readonly open?: boolean;
  readonly format: string;
  readonly out?: string;
}

/** Adds in which form facts are told, and where to; the first format is the page. */
export const withFormats = (command: Command, formats: readonly string[]): Command =>
  command
    .addOption(
      new Option('-f, --format <format>', 'the same facts as a page, as data, or as text')
        .choices(formats)
        .default(formats[0]),
    )
    .option('--open', 'open the page in the browser')
    .option('-o, --out <file>', 'write it to this file (json and md: else to the screen)');

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSources } from '../../storage/sources.js';
import { editorSchema } from '../../config/editorSchema.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { withColumns, type ColumnOptions } from '../describeTable.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { firstConfig } from '../firstConfig.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface InitOptions extends CommonOptions, ColumnOptions {
  readonly name?: string;
  readonly out: string;
  readonly force?: boolean;
}

/** `assay init` */
export const init: CommandModule = {
  define: (command) => {
    withColumns(
      withExamples(command, [
        'assay init tickets.csv',
        'assay init tickets.csv --target intent --group customer_id',
        'assay init "s3://bucket/reviews/*.parquet" --target stars --out reviews.yaml',
      ]),
    )
      .argument('<table>', 'CSV, TSV, JSONL or Parquet; gzip; a glob; s3://…')
      .option('--name <name>', 'of the runs (else the name of the file)')
      .option('-o, --out <file>', 'what to write', 'assay.yaml')
      .option('-f, --force', 'write over a file that is there')
      .addHelpText(
        'after',
        '\nLooks at the first rows, guesses what each column is, and writes a commented assay.yaml. What no option says and\n' +
          'no guess finds is asked, where a person can answer.',
      )
      .action(action<InitOptions>(initialise));
  },
};

async function initialise(
  [table = '']: readonly string[],
  options: InitOptions,
  terminal: Terminal,
): Promise<number> {
  const { out } = options;
  if (existsSync(out) && !options.force) {
    throw new CliError(`${out} is there already`, EXIT.usage, [
      `assay init ${table} --out other.yaml`,
      `assay init ${table} --force`,
    ]);
  }
  const scratch = mkdtempSync(join(tmpdir(), 'assay-init-'));
  try {
    const sources = createSources({ scratchDirectory: scratch });
    const { text, input } = await firstConfig(table, options, sources, terminal);
    writeFileSync(out, text);
    const { root } = directories();
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'assay.schema.json'), `${JSON.stringify(editorSchema(), null, 2)}\n`);
    const { columns, rows, classes, ignored } = input;
    terminal.json({ file: out, columns, rows, classes: Object.fromEntries(classes), ignored });
    terminal.line(text);
    terminal.line(terminal.colors.dim(`${out} is written. Look through it, then:`));
    terminal.line(`  assay score ${out}              suspected label errors, in seconds`);
    terminal.line(`  assay run ${out} --standalone   the whole pipeline, with everything it needs`);
    return EXIT.ok;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSources } from '../../storage/sources.js';
import { editorSchema } from '../../config/editorSchema.js';
import { Option } from 'commander';
import { INFERRED_TASKS, type InferredTask } from '../../core/ingest/inferTask.js';
import { terminalAsk } from '../asking.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { withColumns, type ColumnOptions } from '../describeTable.js';
import { absoluteSource, directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { firstConfig } from '../firstConfig.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface InitOptions extends CommonOptions, ColumnOptions {
  readonly name?: string;
  readonly task?: InferredTask;
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
        'assay init clicks.csv --target clicked --task ctr',
        'assay init "s3://bucket/reviews/*.parquet" --target stars --out reviews.yaml',
      ]),
    )
      .argument('<table>', 'CSV, TSV, JSONL or Parquet; gzip; a glob; s3://…')
      .addOption(new Option('--task <task>', 'what is learned (else a guess)').choices(INFERRED_TASKS))
      .option('--name <name>', 'of the runs (else the name of the file)')
      .option('-o, --out <file>', 'what to write', 'assay.yaml')
      .option('-f, --force', 'write over a file that is there')
      .addHelpText(
        'after',
        '\nLooks at the first rows, guesses the task and what each column is, and writes a commented assay.yaml. What no option says and\n' +
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
  const scratch = mkdtempSync(join(tmpdir(), 'assay-init-'));
  try {
    const sources = createSources({ scratchDirectory: scratch });
    await sources.resolve([absoluteSource(table)]); // who mistyped it need not think of the other file yet
    if (existsSync(out) && !options.force) {
      throw new CliError(`${out} is there already`, EXIT.usage, [
        `assay init ${table} --out other.yaml`,
        `assay init ${table} --force`,
      ]);
    }
    const { text, input } = await firstConfig(table, options, sources, terminalAsk(terminal));
    writeFileSync(out, text);
    const { root } = directories();
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'assay.schema.json'), `${JSON.stringify(editorSchema(), null, 2)}\n`);
    const { task, columns, rows, classes, ignored } = input;
    terminal.json({ file: out, task, columns, rows, classes: Object.fromEntries(classes), ignored });
    terminal.aside(text);
    terminal.line(`${out} is written`);
    terminal.aside(terminal.colors.dim('Look through it, then:'));
    if (task === 'classification')
      terminal.aside(`  assay score ${out}              suspected label errors, in seconds`);
    terminal.aside(`  assay run ${out} --standalone   the whole pipeline, with everything it needs`);
    return EXIT.ok;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

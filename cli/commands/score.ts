import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditFile, type AuditedFile } from '../../activities/auditFile.js';
import type { DatasetConfig } from '../../contracts/settings.js';
import { createSources } from '../../storage/sources.js';
import { auditLines, auditSummary } from '../auditText.js';
import { writeAudit } from '../auditTable.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { describeTable, withColumns, type ColumnOptions } from '../describeTable.js';
import { EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { wholeNumber } from '../numbers.js';
import { stepProgress } from '../stepProgress.js';
import { checkTableFormat } from '../tableFile.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ScoreOptions extends CommonOptions, ColumnOptions {
  readonly folds: string;
  readonly seed: string;
  readonly refinements: string;
  readonly top: string;
  readonly out?: string;
}

const STRENGTHS = [1, 4, 16];

/** `assay score FILE` */
export const score: CommandModule = {
  define: (command) => {
    withColumns(
      withExamples(command, [
        'assay score tickets.csv --target intent',
        'assay score reviews.parquet --target stars --text title,body --out scores.csv',
        'assay score assay.yaml --top 50',
      ]),
    )
      .argument('<file>', 'a table (CSV, TSV, JSONL, Parquet; gzip), or an assay.yaml that describes one')
      .option('--folds <n>', 'every prediction comes from a model that never saw the row', '5')
      .option('--refinements <n>', 'predict again by models that disbelieve labels found wrong', '1')
      .option('--seed <n>', 'of folds and samples', '42')
      .option('--top <n>', 'how many suspected rows to show', '10')
      .option('-o, --out <file>', 'write every row with its scores: .csv, .jsonl or .parquet')
      .addHelpText(
        'after',
        '\nColumns that no option names are guessed from their content; the guess is shown.',
      )
      .action(action<ScoreOptions>(scoreFile));
  },
};

async function scoreFile(
  [file = '']: readonly string[],
  options: ScoreOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.out !== undefined) checkTableFormat('--out', options.out);
  const scratch = mkdtempSync(join(tmpdir(), 'assay-score-'));
  const sources = createSources({ scratchDirectory: scratch });
  const bar = stepProgress(terminal, 'judging labels');
  try {
    const { dataset, features, guess } = await describeTable(file, options, sources, 'score');
    if (guess !== undefined) terminal.note(terminal.colors.dim(guess));
    const audited = await untilInterrupted((signal) =>
      auditFile(
        {
          ...{ dataset, features, strengths: STRENGTHS },
          refinements: wholeNumber('--refinements', options.refinements, 0),
          folds: wholeNumber('--folds', options.folds, 2),
          seed: wholeNumber('--seed', options.seed, 0),
        },
        { sources, signal, progress: bar.update },
      ),
    );
    bar.stop();
    if (options.out !== undefined) await writeAudit(audited, options.out);
    tell(audited, file, dataset, options, terminal);
    return EXIT.ok;
  } finally {
    bar.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tell(
  audited: AuditedFile,
  file: string,
  dataset: DatasetConfig,
  options: ScoreOptions,
  terminal: Terminal,
): void {
  const top = wholeNumber('--top', options.top, 0);
  terminal.json(auditSummary(audited, file, dataset.columns, top));
  for (const line of auditLines(audited, file, dataset.columns, top, terminal)) terminal.line(line);
  if (options.out !== undefined) terminal.line(`\nevery row with its scores: ${options.out}`);
}

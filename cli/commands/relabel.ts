import { relabelCurve, type RelabelCurve } from '../../activities/relabelCurve.js';
import { reviewList, reviewSheet, type ReviewList } from '../../activities/relabelRun.js';
import { tracedSamples, type RunTrace } from '../../activities/runTrace.js';
import type { SampleTable } from '../../activities/prepared.js';
import { REVIEW_ORDERS } from '../../core/relabel/reviewOrder.js';
import { readTruth } from '../../infra/datasets.js';
import { applyAnswers } from '../applyAnswers.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { wholeNumber } from '../numbers.js';
import { recall } from '../records.js';
import { curveLines, expectation, reviewLines } from '../relabelText.js';
import type { ServerOptions } from '../server.js';
import { stepProgress } from '../stepProgress.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { tracedRun } from '../tracedRun.js';
import { writeWorksheet } from '../worksheetFile.js';

interface RelabelOptions extends CommonOptions, ServerOptions {
  readonly budget?: string;
  readonly order: string;
  readonly validation?: boolean;
  readonly seed: string;
  readonly top: string;
  readonly curve: boolean;
  readonly out?: string;
  readonly answers?: string;
  readonly by?: string;
}

/** Shares of the rows that the curve looks at, beside the budget. */
const CURVE = [0.05, 0.1, 0.2, 0.3];

/** `assay relabel RUN --budget N` */
export const relabel: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay relabel catalogue --budget 500 --out check.csv',
      'assay relabel catalogue --answers check.csv --out catalogue-2.csv --by maria',
      'assay relabel catalogue --budget 500 --order noise_posterior --validation',
    ])
      .argument('<run>', 'id, end of an id, or name')
      .option('--budget <n>', 'how many labels you can check')
      .option('--order <name>', `what comes first: score | ${REVIEW_ORDERS.join(' | ')}`, 'self_confidence')
      .option('--validation', 'rows of the validation split too, beside the training rows')
      .option('--seed <n>', 'of --order random', '42')
      .option('--top <n>', 'how many rows to show', '10')
      .option('--no-curve', 'where the truth is known: no training to show what checking brings')
      .option('-o, --out <file>', 'the worksheet; with --answers the new dataset: .csv, .jsonl or .parquet')
      .option('--answers <file>', 'the worksheet, filled in: writes a new version of the dataset')
      .option('--by <name>', 'who checked, where the worksheet has no column verified_by')
      .action(action<RelabelOptions>(relabelRun));
  },
};

async function relabelRun(
  [wanted = '']: readonly string[],
  options: RelabelOptions,
  terminal: Terminal,
): Promise<number> {
  const where = directories();
  const { answers } = options;
  if (answers !== undefined) {
    const trace = await tracedRun(where, wanted, options);
    return applyAnswers(trace, { ...options, answers, where }, terminal);
  }
  if (options.budget === undefined) {
    throw new CliError('relabel needs --budget N, or --answers FILE', EXIT.usage, [
      `assay relabel ${wanted} --budget 100`,
    ]);
  }
  const budget = wholeNumber('--budget', options.budget, 1);
  const seed = wholeNumber('--seed', options.seed, 0);
  const top = wholeNumber('--top', options.top, 0);
  const { order, validation = false } = options;
  const trace = await tracedRun(where, wanted, options);
  const samples = await tracedSamples(trace);
  const list = await reviewList(trace, samples, { order, validation, seed });
  const sheet = await reviewSheet(trace, samples, list, budget);
  const worksheet = await writeWorksheet(sheet, options.out, where, {
    command: 'relabel',
    runId: trace.runId,
  });
  const truth = options.curve ? recall(where, trace.runId)?.truth : undefined;
  const curve =
    truth === undefined ? undefined : await curveOf(trace, samples, list, budget, truth, terminal);
  const expected = expectation(list, budget);
  const { verified } = list;
  terminal.json({
    ...{ runId: trace.runId, order, rows: list.rows.length, budget: sheet.batch.rows, worksheet },
    ...{ verifiedBefore: verified, expectedWrong: expected, curve: curve ?? null },
  });
  const title = `the ${sheet.batch.rows} labels of ${trace.runId} that deserve a check most, by ${order}`;
  for (const line of reviewLines(sheet, title, { expected, verified }, top, terminal)) terminal.line(line);
  if (curve) for (const line of curveLines(curve, list.rows.length, terminal)) terminal.line(line);
  terminal.line(`\nworksheet: ${worksheet}`);
  terminal.aside('Fill in true_label, then make the next version of the dataset:');
  terminal.aside(`  assay relabel ${wanted} --answers ${worksheet} --out NEW.csv`);
  return EXIT.ok;
}

async function curveOf(
  trace: RunTrace,
  samples: SampleTable,
  { rows }: ReviewList,
  budget: number,
  truthPath: string,
  terminal: Terminal,
): Promise<RelabelCurve> {
  const { ids, targets } = await readTruth(truthPath);
  const known = new Map(ids.map((id, i) => [id, samples.classes.indexOf(targets[i] ?? '')]));
  const truth = Int32Array.from(samples.ids, (id) => known.get(id) ?? -1);
  const shares = CURVE.map((share) => Math.round(share * rows.length));
  const budgets = [...new Set([...shares, Math.min(budget, rows.length)])].sort((a, b) => a - b);
  const bar = stepProgress(terminal, 'training with checked labels');
  try {
    return await untilInterrupted((signal) =>
      relabelCurve(trace, samples, rows, truth, {
        ...{ budgets, signal },
        progress: (done, total) => bar.update({ done, total, unit: 'points' }),
      }),
    );
  } finally {
    bar.stop();
  }
}

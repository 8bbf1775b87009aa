import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compareRuns, MOST_COMPARED } from '../../activities/compareRuns.js';
import type { RunComparison } from '../../contracts/comparison.js';
import { comparisonHeadline } from '../../report/comparison/headline.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories, fileNameOf, type Directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { finishedRun } from '../finishedRun.js';
import { withFormats, type FormatOptions } from '../formats.js';
import { openInBrowser } from '../openInBrowser.js';
import { readResults } from '../results.js';
import type { ServerOptions } from '../server.js';
import { wrap } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { tracedRun } from '../tracedRun.js';

const FORMATS: Readonly<Record<string, (comparison: RunComparison) => Promise<string> | string>> = {
  html: async (comparison) => (await import('../../report/comparison/index.js')).renderComparison(comparison),
  json: (comparison) => `${JSON.stringify(comparison, null, 2)}\n`,
  md: async (comparison) => (await import('../../report/comparison/index.js')).comparisonMarkdown(comparison),
};

type CompareOptions = CommonOptions & ServerOptions & FormatOptions;

/** `assay compare A B [C…]` */
export const compare: CommandModule = {
  define: (command) => {
    withFormats(
      withExamples(withServer(command), [
        'assay compare 20261124-091203 20261125-091200',
        'assay compare train/catalogue/20261124-091203 catalogue --open',
        'assay compare 20261124-091203 catalogue --format md',
      ]).argument(
        '<runs...>',
        'two or more: id, end of an id, or name; the first is what the others are held against',
      ),
      Object.keys(FORMATS),
    ).action(action<CompareOptions>(compareThem));
  },
};

async function compareThem(
  wanted: readonly string[],
  options: CompareOptions,
  terminal: Terminal,
): Promise<number> {
  if (wanted.length < 2 || wanted.length > MOST_COMPARED) {
    throw new CliError(`expected 2 to ${MOST_COMPARED} runs, got ${wanted.length}`, EXIT.usage, [
      'assay runs    lists them',
    ]);
  }
  const where = directories();
  const finished = await Promise.all(wanted.map((one) => finishedWithTrace(where, one, options)));
  const comparison = await compareRuns(finished);
  const isPage = options.format === 'html';
  const text = await FORMATS[options.format]!(comparison);
  const path = options.out !== undefined ? resolve(options.out) : isPage ? pagePath(where, comparison) : null;
  if (path !== null) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  terminal.json({ path, comparison });
  if (isPage) {
    for (const line of wrap(comparisonHeadline(comparison), Math.min(terminal.columns, 100)))
      terminal.line(line);
  }
  terminal.line(path ?? text.trimEnd());
  if (options.open && isPage && path !== null) openInBrowser(path);
  return EXIT.ok;
}

const pagePath = (where: Directories, { runs }: RunComparison): string =>
  join(
    where.reports,
    `compare-${runs.map(({ runId }) => fileNameOf(runId.replace(/^train\//, ''))).join('-')}.html`,
  );

async function finishedWithTrace(where: Directories, wanted: string, options: ServerOptions) {
  const { runId, outcome } = await finishedRun(where, wanted, options);
  const { summary } = await readResults(where, runId, outcome);
  if (summary === null) {
    throw new CliError(`${runId} has no report to compare: the stage was skipped`, EXIT.notFound, [
      `assay show ${runId}`,
    ]);
  }
  return { summary, trace: await tracedRun(where, runId, options) };
}

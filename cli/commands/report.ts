import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RunSummary } from '../../contracts/summary.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { finishedRun } from '../finishedRun.js';
import { withFormats, type FormatOptions } from '../formats.js';
import { openInBrowser } from '../openInBrowser.js';
import { readResults } from '../results.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';

/** A report as text. The chart library is loaded only where it draws. */
const FORMATS: Readonly<Record<string, (summary: RunSummary) => Promise<string> | string>> = {
  html: async (summary) => (await import('../../report/renderReport.js')).renderReport(summary),
  json: (summary) => `${JSON.stringify(summary, null, 2)}\n`,
  md: async (summary) => (await import('../../report/markdown.js')).reportMarkdown(summary),
};

type ReportOptions = CommonOptions & ServerOptions & FormatOptions;

/** `assay report [RUN]` */
export const report: CommandModule = {
  define: (command) => {
    withFormats(
      withExamples(withServer(command), [
        'assay report',
        'assay report catalogue --open',
        'assay report catalogue --format md',
        'assay report catalogue --format json --out report.json',
      ]).argument('[run]', 'id, end of an id, or name; the newest finished run without it'),
      Object.keys(FORMATS),
    ).action(action<ReportOptions>(writeReport));
  },
};

async function writeReport(
  [wanted]: readonly string[],
  options: ReportOptions,
  terminal: Terminal,
): Promise<number> {
  const where = directories();
  const record = await finishedRun(where, wanted, options);
  const { reportPath, summary } = await readResults(where, record.runId, record.outcome);
  if (reportPath === null || summary === null) {
    throw new CliError(`${record.runId} has no report: the stage was skipped`, EXIT.notFound, [
      `assay show ${record.runId}`,
    ]);
  }
  const isPage = options.format === 'html';
  if (isPage && options.out === undefined) {
    terminal.json({ runId: record.runId, path: reportPath, summary });
    terminal.line(reportPath);
    if (options.open) openInBrowser(reportPath);
    return EXIT.ok;
  }
  const text = await FORMATS[options.format]!(summary);
  const path = options.out === undefined ? null : resolve(options.out);
  if (path !== null) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  terminal.json({ runId: record.runId, path, summary });
  terminal.line(path ?? text.trimEnd());
  if (options.open) openInBrowser(isPage && path !== null ? path : reportPath);
  return EXIT.ok;
}

import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { finishedRun } from '../finishedRun.js';
import { readResults } from '../results.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ReportOptions extends CommonOptions, ServerOptions {
  readonly open?: boolean;
  readonly out?: string;
}

/** `assay report [RUN]` */
export const report: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay report',
      'assay report catalogue --open',
      'assay report catalogue --out report.html',
    ])
      .argument('[run]', 'id, end of an id, or name; the newest finished run without it')
      .option('--open', 'open it in the browser')
      .option('-o, --out <file>', 'also write it to this file')
      .action(action<ReportOptions>(writeReport));
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
  if (reportPath === null) {
    throw new CliError(`${record.runId} has no report: the stage was skipped`, EXIT.notFound, [
      `assay show ${record.runId}`,
    ]);
  }
  const path = options.out === undefined ? reportPath : resolve(options.out);
  if (options.out !== undefined) copyFileSync(reportPath, path);
  terminal.json({ runId: record.runId, path, summary });
  terminal.line(path);
  if (options.open) openInBrowser(path);
  return EXIT.ok;
}

function openInBrowser(path: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(program, [...args, path], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

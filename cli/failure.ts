import { withoutCredentials } from '../contracts/credentials.js';
import { PlatformError } from '../contracts/errors.js';
import { CliError, EXIT } from './exit.js';
import { plainText, type CommonOptions, type Terminal } from './terminal.js';

/** Names of our errors and the exit code that each means. */
const CODES: Readonly<Record<string, number>> = {
  ConfigError: EXIT.usage,
  MissingToolError: EXIT.missingTool,
  CancelledError: EXIT.cancelled,
};

/** Says what failed, why, and what to type next. No stack without --verbose. */
export function tellFailure(error: unknown, options: CommonOptions, terminal: Terminal): number {
  const exitCode = exitCodeOf(error);
  const message = shown(error instanceof Error ? error.message : String(error));
  const next = error instanceof CliError ? error.next : [];
  const causes = causesOf(error);
  if (options.json) {
    const name = error instanceof Error ? error.name : 'Error';
    const issues = issuesOf(error);
    terminal.complain(
      JSON.stringify({ error: { name, message, exitCode, causes, next, ...(issues ? { issues } : {}) } }),
    );
    return exitCode;
  }
  const { red, bold, dim } = terminal.colors;
  terminal.complain(`${red(bold('error'))} ${message}`);
  for (const cause of causes) terminal.complain(dim(`  because: ${cause}`));
  if (next.length > 0) terminal.complain(['next:', ...next.map((command) => `  ${command}`)].join('\n'));
  if (options.verbose && error instanceof Error) terminal.complain(dim(shown(stackOf(error))));
  else if (!(error instanceof CliError || error instanceof PlatformError)) {
    terminal.complain(dim('  --verbose shows where it happened'));
  }
  return exitCode;
}

const shown = (text: string): string => withoutCredentials(plainText(text));

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  return error instanceof PlatformError ? (CODES[error.name] ?? EXIT.failed) : EXIT.failed;
}

/** Messages of the causes that say more than the error itself. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let told = error instanceof Error ? error.message : '';
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error;
    cause = cause.cause
  ) {
    const message = shown(cause.message);
    if (message !== '' && !told.includes(message)) causes.push(message);
    told += message;
  }
  return causes;
}

/** A config's mistakes, one by one, for scripts. */
function issuesOf(error: unknown): unknown {
  return error instanceof Error && 'issues' in error && Array.isArray(error.issues)
    ? error.issues
    : undefined;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

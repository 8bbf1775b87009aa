/** Exit codes that scripts can rely on. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** A flag, a command or assay.yaml is wrong. */
  usage: 2,
  noServer: 3,
  /** The run waits for an operator: blocked, or for approval. */
  blocked: 4,
  cancelled: 5,
  notFound: 6,
  /** Something on this machine is missing. */
  missingTool: 7,
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0  ok                             4  the run is blocked and waits for you
  1  the run or the command failed  5  the run was cancelled
  2  usage or config is wrong       6  there is no such run
  3  no Temporal server answers     7  something on this machine is missing
  130  interrupted by Ctrl-C`;

/** What a command ends with when it can't do what it was asked: why, and what to type next. */
export class CliError extends Error {
  override readonly name = 'CliError' as const;
  constructor(
    message: string,
    readonly exitCode: number,
    readonly next: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

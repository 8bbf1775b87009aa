/** How many lines of what a failed test says are told again. */
const DETAIL_LINES = 14;

/**
 * Passes lines of TAP on and tells again, just before the closing counts, which tests failed and why: thousands of lines
 * lie between a failure and the end of a log.
 *
 * @param files is given the files in which something failed: of tests, or what tests share
 */
export async function* withFailuresAtEnd(
  lines: AsyncIterable<string>,
  files = new Set<string>(),
): AsyncGenerator<string> {
  const failures: string[][] = [];
  let told = false;
  let detail = 0;
  for await (const line of lines) {
    if (!told && failures.length > 0 && /^# tests \d/.test(line)) {
      yield '# failed:';
      for (const failure of failures) yield* failure.map((one) => `#   ${one}`);
      told = true;
    }
    yield line;
    if (/^\s*not ok \d/.test(line)) {
      failures.push([line.trim()]);
      detail = DETAIL_LINES;
    } else if (detail > 0) {
      const [, file] = /^\s*location: '(.+):\d+:\d+'$/.exec(line) ?? [];
      if (file !== undefined) files.add(file);
      detail = line.trim() === '...' ? 0 : detail - 1;
      if (detail > 0 && !/^\s*(---|duration_ms:.*|type:.*)$/.test(line))
        failures.at(-1)!.push(line.trimEnd());
    }
  }
}

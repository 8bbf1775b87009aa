/** Whether a path has a wildcard: `*`, `**`, `?` or `{a,b}`. */
export function isPattern(path: string): boolean {
  return /[*?{]/.test(path);
}

/** Whether what a user names as source may be several files, today or some day. */
export function mayBeSeveral(source: string | readonly string[]): boolean {
  const uris = [source].flat();
  return uris.length > 1 || uris.some(isPattern);
}

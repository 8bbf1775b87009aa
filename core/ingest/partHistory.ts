/** A file of rows that a dataset is made of. */
export interface IngestedPart {
  readonly uri: string;
  readonly sha256: string;
  /** That were kept before repeated ids were settled. */
  readonly rows: number;
  /** Latest event time; undefined where rows have none. */
  readonly newestMs: number | undefined;
  /** Taken as an earlier run read it. */
  readonly isReused: boolean;
}

const NAMES = 3;

/**
 * What people want to see of the files: how many there are, which are new, changed or gone since the last time, and the
 * watermark, which is the latest event time.
 */
export function partFigures(
  parts: readonly IngestedPart[],
  earlier: readonly IngestedPart[] | undefined,
): Record<string, number | string> {
  const before = new Map(earlier?.map(({ uri, sha256 }) => [uri, sha256]));
  const now = new Set(parts.map(({ uri }) => uri));
  const named = (name: string, uris: readonly string[]) => (uris.length > 0 ? { [name]: shown(uris) } : {});
  const uris = (some: readonly IngestedPart[]): string[] => some.map(({ uri }) => uri);
  const times = parts.flatMap(({ newestMs }) => newestMs ?? []);
  return {
    parts: parts.length,
    'parts.reused': parts.filter(({ isReused }) => isReused).length,
    ...(earlier && {
      ...named('parts.new', uris(parts.filter(({ uri }) => !before.has(uri)))),
      ...named(
        'parts.changed',
        uris(parts.filter(({ uri, sha256 }) => before.has(uri) && before.get(uri) !== sha256)),
      ),
      ...named('parts.removed', uris(earlier.filter(({ uri }) => !now.has(uri)))),
    }),
    ...(times.length > 0
      ? { watermark: new Date(times.reduce((a, b) => Math.max(a, b))).toISOString() }
      : {}),
  };
}

/** How many, and the first of them by their last two folders. */
function shown(uris: readonly string[]): string {
  const short = uris.slice(0, NAMES).map((uri) => uri.split('/').slice(-2).join('/'));
  return `${uris.length} (${short.join(', ')}${uris.length > NAMES ? ', …' : ''})`;
}

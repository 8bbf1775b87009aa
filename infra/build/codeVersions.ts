import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { lockedVersions, type LockFile } from './lockedVersions.js';
import { ModuleGraph } from './moduleGraph.js';

/** What decides the bytes of every stage's artifacts: how tables are written. */
const SHARED_MODULES = ['storage/artifacts', 'storage/tables'];

const ENGINE = 'engine/createEngine';

export interface CodeVersionsRequest {
  /** Holds `activities/`, `core/` …: `dist/`, or a checkout. */
  readonly root: string;
  /** Ending of the modules below `root`. */
  readonly ending: '.js' | '.ts';
  readonly lock: LockFile;
}

/**
 * One SHA-256 per stage over everything that decides its output: the modules that it imports, directly or not, those
 * that write artifacts, and the locked versions of the packages that they use.
 */
export function codeVersions(request: CodeVersionsRequest): Record<string, string> {
  const graph = new ModuleGraph();
  const { root, ending } = request;
  const registry = graph.source(join(root, `activities/stages${ending}`));
  const versions = stageNames(registry).map((name) => {
    const entries = [`activities/${name}`, ...SHARED_MODULES].map((path) => join(root, `${path}${ending}`));
    return [name, closureHash(graph, entries, request)] as const;
  });
  return Object.fromEntries(versions);
}

/** The version of what networks are computed with: stages are given an engine, they don't import it. */
export const engineCodeVersion = (request: CodeVersionsRequest): string =>
  closureHash(new ModuleGraph(), [join(request.root, `${ENGINE}${request.ending}`)], request);

/** Hash of a set of modules, with all that they import. Where the folder lies plays no part. */
export function closureHash(
  graph: ModuleGraph,
  entries: readonly string[],
  { root, lock }: Pick<CodeVersionsRequest, 'root' | 'lock'>,
): string {
  const { files, packages } = graph.closure(entries);
  const hash = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256').update(graph.source(file)).digest('hex');
    hash.update(`${relative(root, file)} ${content}\n`);
  }
  for (const version of lockedVersions(packages, lock)) hash.update(`${version}\n`);
  return hash.digest('hex');
}

/**
 * Names of the stages in the registry: by the house's rule, stage `x` is the export `x` of `activities/x`.
 *
 * @throws Error when it finds none
 */
export function stageNames(registry: string): string[] {
  const found = [...registry.matchAll(/^import \{ (\w+) \} from '\.\/(\w+)\.js'/gm)];
  const names = found.flatMap(([, name, file]) => (name !== undefined && name === file ? [name] : []));
  if (names.length === 0) throw new Error("activities/stages: expected lines `import { x } from './x.js'`");
  return names.sort();
}

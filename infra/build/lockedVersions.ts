interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  /** By path: `node_modules/zod`, `node_modules/a/node_modules/b`. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * Versions of packages and of all that they depend on, as the lock file pins them.
 *
 * @returns `path@version`, sorted
 * @throws Error when a named package is not locked
 */
export function lockedVersions(names: readonly string[], lock: LockFile): string[] {
  const found = new Map<string, string>();
  const todo = names.map((name) => {
    const path = locate('', name, lock);
    if (path === undefined) throw new Error(`package-lock.json: ${name} is imported and not locked`);
    return path;
  });
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (found.has(path)) continue;
    const entry = lock.packages[path];
    found.set(path, `${path}@${entry?.version ?? ''}`);
    // An optional dependency that another platform has is locked as well, so that all platforms agree.
    for (const name of Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies })) {
      const next = locate(path, name, lock);
      if (next !== undefined) todo.push(next);
    }
  }
  return [...found.values()].sort();
}

/** Where Node finds a package from below `from`: the innermost node_modules that has it. */
function locate(from: string, name: string, lock: LockFile): string | undefined {
  for (let folder = from; ; folder = parent(folder)) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

function parent(path: string): string {
  const at = path.lastIndexOf('/node_modules/');
  return at === -1 ? '' : path.slice(0, at);
}

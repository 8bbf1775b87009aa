import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Everything that a module needs at run time, itself included. */
export interface ModuleClosure {
  /** Absolute paths, sorted. */
  readonly files: readonly string[];
  /** Names of npm packages that the files import by themselves, sorted. Node's own modules are left out. */
  readonly packages: readonly string[];
}

/** Follows imports between modules below a folder; reads each file once. */
export class ModuleGraph {
  readonly #sources = new Map<string, string>();
  readonly #specifiers = new Map<string, readonly string[]>();

  /** @throws Error naming importer and import when a relative import leads nowhere */
  closure(entries: readonly string[]): ModuleClosure {
    const files = new Set<string>();
    const packages = new Set<string>();
    const todo = [...entries];
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (files.has(file)) continue;
      files.add(file);
      for (const specifier of this.#importsOf(file)) {
        if (specifier.startsWith('.')) todo.push(resolveRelative(file, specifier));
        else if (!specifier.startsWith('node:')) packages.add(packageName(specifier));
      }
    }
    return { files: [...files].sort(), packages: [...packages].sort() };
  }

  source(file: string): string {
    const known = this.#sources.get(file);
    if (known !== undefined) return known;
    const source = readFileSync(file, 'utf8');
    this.#sources.set(file, source);
    return source;
  }

  #importsOf(file: string): readonly string[] {
    const known = this.#specifiers.get(file);
    if (known !== undefined) return known;
    const found = importSpecifiers(this.source(file));
    this.#specifiers.set(file, found);
    return found;
  }
}

const STATEMENT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)(?!\s*\.)/g;

/**
 * What a module imports as a value: static, re-exported, or by `import()` of a literal. Statements of types alone are
 * left out (compiled modules have none).
 */
export function importSpecifiers(source: string): string[] {
  const found = [...source.matchAll(STATEMENT), ...withoutComments(source).matchAll(DYNAMIC)];
  return [...new Set(found.map(([, specifier = '']) => specifier))];
}

function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
}

function resolveRelative(importer: string, specifier: string): string {
  const path = resolve(dirname(importer), specifier);
  const candidates = [path, path.replace(/\.js$/, '.ts')];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`${importer}: imports ${specifier}, which does not exist`);
  return found;
}

function packageName(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { repositoryRoot } from './paths.js';

/** What a folder may import as a value, of our folders (`import type` is free), and of packages. */
const LAYERS: Readonly<Record<string, { own: readonly string[]; packages: readonly RegExp[] }>> = {
  contracts: { own: ['contracts'], packages: [/^zod$/] },
  core: {
    own: ['contracts', 'core'],
    packages: [/^zod$/, /^csv-parse/, /^fastest-levenshtein$/, /^get-east-asian-width$/],
  },
  engine: {
    own: ['contracts', 'core', 'engine'],
    packages: [/^zod$/, /^node:/, /^@tensorflow\//, /^protobufjs/],
  },
  models: { own: ['contracts', 'core', 'models'], packages: [/^zod$/] },
  datasets: { own: ['contracts', 'core', 'datasets'], packages: [/^zod$/, /^csv-parse/] },
  report: {
    own: ['contracts', 'core', 'report'],
    packages: [/^zod$/, /^echarts/, /^turndown$/, /^node:crypto$/],
  },
  tracking: { own: ['contracts', 'report', 'tracking'], packages: [/^zod$/, /^node:/, /^protobufjs$/] },
  ui: { own: ['contracts', 'report', 'ui'], packages: [/^node:http$/] },
  config: { own: ['config', 'contracts', 'core', 'models', 'datasets'], packages: [/^zod$/, /^yaml$/] },
  storage: {
    own: ['contracts', 'core', 'storage'],
    packages: [
      /^zod$/,
      /^node:/,
      /^@aws-sdk\//,
      /^@smithy\//,
      /^@duckdb\//,
      /^hyparquet/,
      /^parquetjs-lite$/,
    ],
  },
  activities: {
    own: ['activities', 'contracts', 'core', 'models', 'datasets', 'report'],
    packages: [/^zod$/, /^@temporalio\/(activity|common)$/, /^fzstd$/, /^node:(crypto|zlib|stream)$/], // pure ones
  },
  workflows: {
    own: [
      'workflows',
      'contracts/names',
      'contracts/errors',
      'contracts/credentials',
      'core/loop',
      'core/concurrently',
    ],
    packages: [/^@temporalio\/(workflow|common)$/],
  },
  serving: {
    own: ['contracts', 'core', 'models', 'storage', 'engine', 'serving'],
    packages: [/^zod$/, /^node:/, /^fastify$/],
  },
  infra: { own: ['infra', 'contracts', 'core', 'datasets'], packages: [/.*/] }, // datasets: it finds and writes them
};

interface Import {
  readonly file: string;
  readonly to: string; // folder/file of ours, or a package
}

/** Value imports of a file: import, export from, import(), side effects; not `import type`. */
function valueImports(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !isTypeOnly(node))
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly)
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    const [argument] = ts.isCallExpression(node) ? node.arguments : [];
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      argument &&
      ts.isStringLiteral(argument)
    )
      found.push(argument.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.map((to) => ({ file, to: to.startsWith('.') ? posix.join(posix.dirname(file), to) : to }));
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false;
  if (importClause.isTypeOnly) return true;
  const named = importClause.namedBindings;
  return (
    !importClause.name && !!named && ts.isNamedImports(named) && named.elements.every((one) => one.isTypeOnly)
  );
}

/** Why an import is against the layers, or undefined. */
function refusal({ file, to }: Import): string | undefined {
  const folder = file.split('/')[0]!;
  const layer = LAYERS[folder];
  if (!layer) return undefined;
  const ours =
    Object.hasOwn(LAYERS, to.split('/')[0]!) ||
    ['cli', 'workers', 'bench', 'test'].includes(to.split('/')[0]!);
  const allowed = ours
    ? layer.own.some((own) => to === own || to.startsWith(`${own}/`) || to.replace(/\.js$/, '') === own)
    : layer.packages.some((pattern) => pattern.test(to));
  return allowed
    ? undefined
    : `${file} imports ${to}; ${folder}/ may import ${layer.own.join(', ')} and ${layer.packages.join(' ')}`;
}

function sources(folder: string): string[] {
  const root = join(repositoryRoot, folder);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(repositoryRoot, join(root, name)).replaceAll('\\', '/'));
}

describe('import layers', () => {
  for (const folder of Object.keys(LAYERS)) {
    it(`${folder}/ imports downwards only`, () => {
      const files = sources(folder);
      assert.ok(files.length > 0, `no source file seen in ${folder}/`);
      const imports = files.flatMap((file) =>
        valueImports(file, readFileSync(join(repositoryRoot, file), 'utf8')),
      );
      assert.deepEqual(imports.map(refusal).filter(Boolean), []);
    });
  }

  const guarded = [
    { name: 'a value import', text: `import { openStore } from '../storage/open.js';` },
    { name: 'a side effect', text: `import '../storage/open.js';` },
    { name: 'export star', text: `export * from '../storage/open.js';` },
    { name: 'import()', text: `const x = import('../storage/open.js');` },
    { name: 'a package', text: `import { Worker } from '@temporalio/worker';` },
  ];
  for (const { name, text } of guarded) {
    it(`refuses ${name} from core to a higher layer`, () => {
      assert.equal(valueImports('core/x.ts', text).map(refusal).filter(Boolean).length, 1);
    });
  }

  it('accepts import type', () => {
    const text = `import type { A } from '../storage/open.js';\nimport { type B } from '../storage/open.js';`;
    assert.deepEqual(valueImports('core/x.ts', text), []);
  });
});

describe('house rules', () => {
  const all = [
    'contracts',
    'core',
    'models',
    'datasets',
    'config',
    'storage',
    'report',
    'tracking',
    'ui',
    'activities',
    'workflows',
    'workers',
    'serving',
    'cli',
    'infra',
  ];
  it('no default export, and no file called utils, helpers or common', () => {
    const files = all.flatMap(sources);
    assert.ok(files.length > 100);
    assert.deepEqual(
      files.filter((file) => /\/(utils|helpers|common|manager)\.ts$/.test(file)),
      [],
    );
    const defaults = files.filter((file) =>
      /^export default/m.test(readFileSync(join(repositoryRoot, file), 'utf8')),
    );
    assert.deepEqual(defaults, []);
  });

  it('core knows no clock and no chance of its own', () => {
    const offending = sources('core').filter((file) =>
      /\b(Date\.now|new Date\(\)|Math\.random|performance\.now)\b/.test(
        readFileSync(join(repositoryRoot, file), 'utf8'),
      ),
    );
    assert.deepEqual(offending, []);
  });

  it('every dependency is pinned to one version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(repositoryRoot, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([, version]) => !/^(npm:[@\w/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    assert.deepEqual(loose, []);
  });
});

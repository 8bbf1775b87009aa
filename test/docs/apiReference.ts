import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../paths.js';

const INTRODUCTION = `# API reference

Made from the doc comments of what \`assay/*\` exports; [library](library.md) shows how they work together. n is the number of samples, K of classes.
`;

/** The pages' text, as Markdown that nobody has formatted yet. */
export function apiReference(): string {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    exports: Record<string, { types?: string }>;
  };
  const modules = Object.entries(manifest.exports).flatMap(([name, { types }]) =>
    types === undefined
      ? []
      : [
          {
            name: name.replace('.', 'assay'),
            path: types.replace('./dist', repositoryRoot).replace('.d.ts', '.ts'),
          },
        ],
  );
  const { config } = ts.readConfigFile(join(repositoryRoot, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: [] },
    ts.sys,
    repositoryRoot,
  );
  const program = ts.createProgram(
    modules.map(({ path }) => path),
    options,
  );
  const checker = program.getTypeChecker();
  const sections = modules.map(({ name, path }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!;
    const entries = checker
      .getExportsOfModule(module)
      .map((symbol) => entryOf(symbol, checker))
      .sort((a, b) => (a.title < b.title ? -1 : 1));
    const index = entries.map(({ title }) => `\`${title}\``).join(', ');
    return `## ${name}\n\n${index}\n\n${entries.map(({ text }) => text).join('\n')}`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

function entryOf(
  exported: ts.Symbol,
  checker: ts.TypeChecker,
): { readonly title: string; readonly text: string } {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const title = exported.name;
  const [declaration] = symbol.declarations ?? [];
  const said = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol
    .getJsDocTags(checker)
    .map(({ name, text }) => `- _@${name}_ ${ts.displayPartsToString(text)}`.trimEnd());
  const code = `\`\`\`ts\n${declared(title, declaration!, checker)}\n\`\`\``;
  return { title, text: [`### ${title}`, code, oneLine(said), tags.map(oneLine).join('\n')].join('\n\n') };
}

const oneLine = (text: string): string => text.replaceAll(/\n(?!\n|- )/g, ' ').replaceAll('<', '&lt;');

/** As the source says it, without what it does. */
function declared(name: string, declaration: ts.Declaration, checker: ts.TypeChecker): string {
  const source = declaration.getSourceFile().text;
  if (ts.isFunctionDeclaration(declaration) && declaration.body)
    return source
      .slice(declaration.getStart(), declaration.body.getStart())
      .replace(/^export /, '')
      .trim();
  if (ts.isVariableDeclaration(declaration)) {
    const type = checker.typeToString(checker.getTypeAtLocation(declaration), declaration);
    return `const ${name}: ${type}`;
  }
  return declaration.getText().replace(/^export /, '');
}

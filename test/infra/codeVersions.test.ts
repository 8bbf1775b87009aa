import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { codeVersions, stageNames } from '../../infra/build/codeVersions.js';
import type { LockFile } from '../../infra/build/lockedVersions.js';
import { lockedVersions } from '../../infra/build/lockedVersions.js';
import { importSpecifiers, ModuleGraph } from '../../infra/build/moduleGraph.js';
import { stages } from '../../activities/stages.js';
import { stageKey } from '../../storage/stageCache.js';
import { repositoryRoot } from '../paths.js';

const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as LockFile;
const copies: string[] = [];

after(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })));

/** A copy of the sources that a test may edit. */
function copyOfSources(): string {
  const copy = mkdtempSync(join(tmpdir(), 'assay-versions-'));
  copies.push(copy);
  const folders = ['activities', 'contracts', 'core', 'models', 'datasets', 'report', 'storage', 'config'];
  for (const folder of folders) cpSync(join(repositoryRoot, folder), join(copy, folder), { recursive: true });
  return copy;
}

const versionsOf = (root: string, locked: LockFile = lock): Record<string, string> =>
  codeVersions({ root, ending: '.ts', lock: locked });

function changed(before: Record<string, string>, now: Record<string, string>): string[] {
  return Object.keys(before).filter((stage) => before[stage] !== now[stage]);
}

/** The cache's key of each stage, all else being equal. */
const keysWith = (versions: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(versions).map(([stage, codeVersion]) => [
      stage,
      stageKey({ stage, codeVersion, params: { some: 1 }, inputs: {}, seed: 7 }),
    ]),
  );

function usersOf(root: string, file: string): string[] {
  const graph = new ModuleGraph();
  return Object.keys(versionsOf(root)).filter((stage) =>
    graph.closure([join(root, `activities/${stage}.ts`)]).files.includes(join(root, file)),
  );
}

describe('code versions', () => {
  const root = copyOfSources();
  const before = versionsOf(root);

  it('exist for every stage of the registry', () => {
    assert.deepEqual(Object.keys(before).sort(), stages.map(({ name }) => name).sort());
    for (const version of Object.values(before)) assert.match(version, /^[0-9a-f]{64}$/);
  });

  it('are the same wherever the checkout lies', () => {
    assert.deepEqual(versionsOf(copyOfSources()), before);
  });

  const edits = ['core/folds.ts', 'core/weighting/clip.ts', 'core/split.ts', 'activities/clean.ts'];
  for (const file of edits) {
    it(`change for exactly the stages that use ${file}`, () => {
      const copy = copyOfSources();
      const users = usersOf(copy, file);
      writeFileSync(
        join(copy, file),
        `${readFileSync(join(copy, file), 'utf8')}\nexport const edited = 1;\n`,
      );
      assert.ok(users.length > 0 && users.length < Object.keys(before).length);
      assert.deepEqual(changed(before, versionsOf(copy)), users);
    });
  }

  /** Written down, not computed: an import too many shows here, as stages that run again without need. */
  const pinned: Record<string, string[]> = {
    'core/importance/pvi.ts': ['benchmarkScore', 'leaderboard', 'play', 'report', 'tally', 'weigh'],
    'core/text/tfidf.ts': [
      'adapt',
      'applyFeatures',
      'benchmarkScore',
      'benchmarkTrial',
      'featurize',
      'gate',
      'learnFeatures',
      'pretrain',
      'report',
    ],
    'core/text/tokenize.ts': [
      'adapt',
      'applyFeatures',
      'benchmarkScore',
      'benchmarkTrial',
      'featurize',
      'gate',
      'knowledge',
      'learnFeatures',
      'pretrain',
      'profile',
      'report',
    ],
    'core/duplicates/nearDuplicates.ts': ['featurize'],
    'core/cleaning/outliers.ts': ['clean'],
    'core/ingest/delimited.ts': ['ingest', 'knowledge', 'pretrainTexts'],
    'core/linear/newton.ts': [
      'adapt',
      'analyse',
      'benchmarkScore',
      'benchmarkTrial',
      'dynamics',
      'evidence',
      'fit',
      'gate',
      'leaderboard',
      'play',
      'refine',
      'register',
      'report',
      'tally',
      'trial',
      'weigh',
    ],
    'core/gate/gate.ts': ['adapt', 'gate'],
    'core/slices/findSlices.ts': ['analyse'],
    'report/renderReport.ts': ['report'],
  };
  for (const [file, misses] of Object.entries(pinned)) {
    it(`make exactly ${misses.join(', ')} miss the cache after an edit of ${file}`, () => {
      const copy = copyOfSources();
      const path = join(copy, file);
      writeFileSync(path, `${readFileSync(path, 'utf8')}\nexport const edited = 1;\n`);
      assert.deepEqual(changed(keysWith(before), keysWith(versionsOf(copy))), misses);
    });
  }

  it('of cleaning and ingesting stay when only a weighting policy changes', () => {
    const copy = copyOfSources();
    writeFileSync(join(copy, 'core/weighting/clip.ts'), 'export const clip = undefined;\n');
    const now = versionsOf(copy);
    assert.equal(now['clean'], before['clean']);
    assert.equal(now['ingest'], before['ingest']);
    assert.notEqual(now['weigh'], before['weigh']);
  });

  it('all change with the code that writes tables', () => {
    const copy = copyOfSources();
    const file = join(copy, 'storage/tables.ts');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n// edited\n`);
    assert.deepEqual(changed(before, versionsOf(copy)), Object.keys(before));
  });

  it('all change with the locked version of a package that all use', () => {
    const other = {
      packages: { ...lock.packages, 'node_modules/zod': { version: '99.0.0' } },
    };
    assert.deepEqual(changed(before, versionsOf(root, other)), Object.keys(before));
  });

  it('stay when a file changes that only types are taken from', () => {
    const copy = copyOfSources();
    const file = join(copy, 'contracts/store.ts');
    assert.deepEqual(usersOf(copy, 'contracts/store.ts'), []);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nexport interface Another {}\n`);
    assert.deepEqual(changed(before, versionsOf(copy)), []);
  });

  it('can not be made of a registry without stages', () => {
    assert.throws(() => stageNames('export const stages = [];'), /import \{ x \} from/);
  });
});

describe('imports of a module', () => {
  const cases = [
    { name: 'named', source: "import { a, b } from './a.js';", want: ['./a.js'] },
    {
      name: 'over several lines',
      source: "import {\n  a,\n  type B,\n} from './a.js';\nconst x = 1;",
      want: ['./a.js'],
    },
    { name: 'of everything', source: "import * as a from './a.js';", want: ['./a.js'] },
    { name: 'for their effect', source: "import './a.js';", want: ['./a.js'] },
    {
      name: 're-exported',
      source: "export * from './a.js';\nexport { b } from './b.js';",
      want: ['./a.js', './b.js'],
    },
    { name: 'at run time', source: "const a = await import('./a.js');", want: ['./a.js'] },
    {
      name: 'of types only',
      source: "import type { A } from './a.js';\nexport type { B } from './b.js';",
      want: [],
    },
    { name: 'in a comment', source: "// import('./a.js')\n/** import { b } from './b.js'; */\n", want: [] },
    { name: 'beside exported values', source: "export const a = 'x';\nimport 'zod';", want: ['zod'] },
  ];
  for (const { name, source, want } of cases) {
    it(`are found when ${name}`, () => assert.deepEqual(importSpecifiers(source), want));
  }

  it('that lead nowhere are refused with importer and import', () => {
    const copy = copyOfSources();
    writeFileSync(join(copy, 'core/folds.ts'), "import './gone.js';\n");
    assert.throws(() => versionsOf(copy), /folds\.ts: imports \.\/gone\.js, which does not exist/);
  });

  it('of packages are named with their scope', () => {
    const copy = mkdtempSync(join(tmpdir(), 'assay-imports-'));
    copies.push(copy);
    const file = join(copy, 'a.ts');
    writeFileSync(file, "import '@a/b/c';\nimport 'd/e';\nimport 'node:fs';\n");
    assert.deepEqual(new ModuleGraph().closure([file]), { files: [file], packages: ['@a/b', 'd'] });
    assert.equal(dirname(file), copy);
  });
});

describe('locked versions', () => {
  const small: LockFile = {
    packages: {
      'node_modules/a': { version: '1.0.0', dependencies: { b: '*', c: '*' } },
      'node_modules/b': { version: '2.0.0', dependencies: { a: '*' } },
      'node_modules/a/node_modules/b': { version: '3.0.0', optionalDependencies: { c: '*', away: '*' } },
      'node_modules/c': { version: '4.0.0' },
    },
  };

  it('follow dependencies to where Node finds them', () => {
    assert.deepEqual(lockedVersions(['a'], small), [
      'node_modules/a/node_modules/b@3.0.0',
      'node_modules/a@1.0.0',
      'node_modules/c@4.0.0',
    ]);
  });

  it('end in spite of a circle', () => {
    assert.equal(lockedVersions(['b'], small).length, 4);
  });

  it('refuse a package that is not locked', () => {
    assert.throws(() => lockedVersions(['z'], small), /z is imported and not locked/);
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { repositoryRoot } from '../paths.js';

const call = promisify(execFile);
const isBuilt = existsSync(join(repositoryRoot, 'dist/workflow-bundle.js'));
const skip = isBuilt
  ? await whyNoRegistry()
  : 'dist/ is missing (npm run build): the package was NOT installed';

describe('the npm package, installed in an empty folder', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-packed-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = async (command: string, ...args: string[]): Promise<string> =>
    (await call(command, args, { cwd: folder, env: ownEnvironment(), maxBuffer: 1 << 26 })).stdout;

  before(async () => {
    const made = await call('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: repositoryRoot,
      maxBuffer: 1 << 26,
    });
    const [{ filename }] = JSON.parse(made.stdout) as [{ filename: string }];
    await inFolder('npm', 'init', '-y');
    await inFolder('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`);
  });

  it('has its command', async () => {
    const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal((await inFolder('npx', '--no-install', 'assay', '--version')).trim(), version);
  });

  it('has its libraries, with types', async () => {
    const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules/assay/package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>;
    };
    const libraries = Object.entries(exports).filter(([, { types }]) => types !== undefined);
    assert.equal(libraries.length, 4);
    for (const [, { types }] of libraries) assert.ok(existsSync(join(folder, 'node_modules/assay', types!)));
    const names = libraries.map(([path]) => path.replace('.', 'assay'));
    const program = names.map((name) => `console.log(Object.keys(await import('${name}')).length > 5)`);
    writeFileSync(join(folder, 'libraries.mjs'), program.join('\n'));
    assert.equal(await inFolder('node', 'libraries.mjs'), 'true\n'.repeat(4));
  });

  it('takes a table to a report: workflows, workers and trainer children of the package', async () => {
    copyFileSync(join(repositoryRoot, 'examples/tickets.csv'), join(folder, 'tickets.csv'));
    await inFolder('npx', '--no-install', 'assay', 'init', 'tickets.csv', '--target', 'intent');
    const quick = ['loop.maxRounds=0', 'importance.refinements=0', 'crossValidate.folds=2'];
    const settings = quick.flatMap((one) => ['--set', one]);
    const said = await inFolder(
      'npx',
      '--no-install',
      'assay',
      'run',
      'assay.yaml',
      '--standalone',
      ...settings,
    );
    const [, report = ''] = /^report\s+(\S+)$/mu.exec(said) ?? [];
    assert.match(readFileSync(report, 'utf8'), /^<!doctype html>/i);
  });
});

/** As a user has it: no server, no settings of the tests, no npm that calls npm. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const theirs =
    /^(NODE_TEST_CONTEXT|FORCE_COLOR|NODE_V8_COVERAGE|NODE_OPTIONS|INIT_CWD|npm_(?!config_).*|ASSAY_(?!CACHE).*)$/u;
  const kept = Object.entries(process.env).filter(([name]) => !theirs.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', COLUMNS: '80', TEMPORAL_ADDRESS: '', CI: 'true' };
}

async function whyNoRegistry(): Promise<string | false> {
  try {
    await call('npm', ['ping'], { timeout: 20_000 });
    return false;
  } catch {
    return 'no npm registry answers: the package was NOT installed in an empty folder';
  }
}

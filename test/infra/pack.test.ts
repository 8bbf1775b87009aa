import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TEMPORAL_CLI_SHA256 } from '../../infra/temporal/findServer.js';
import { repositoryRoot } from '../paths.js';

const NAME =
  '(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\\.0|BlueOak-1\\.0\\.0|CC-BY-4\\.0|Unlicense|Python-2\\.0)';
const PERMISSIVE = new RegExp(`^\\(?${NAME}( (AND|OR) ${NAME})*\\)?$`, 'u');

interface Packed {
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly unpackedSize: number;
}

const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

describe('the npm package', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as Packed[];
  const paths = packed!.files.map(({ path }) => path);

  it('has the command, examples and pages', () => {
    for (const path of [
      ...Object.values(manifest.bin),
      'README.md',
      'LICENSE',
      'examples/tiny.yaml',
      'docs/configuration.md',
    ]) {
      assert.ok(paths.includes(path), path);
    }
  });

  it('has neither sources of tests nor data, and stays small', () => {
    const unwanted = paths.filter((path) => /^(test|bench|\.assay|dist\/(test|bench))\//u.test(path));
    assert.deepEqual(unwanted, []);
    assert.ok(packed!.unpackedSize < 24 * 2 ** 20, `${packed!.unpackedSize} bytes`);
  });

  it('names the platforms that Temporal is fetched for, and no other', () => {
    const named = manifest.os.flatMap((os) => manifest.cpu.map((cpu) => `${os}-${cpu}`));
    assert.deepEqual(named.sort(), Object.keys(TEMPORAL_CLI_SHA256).sort());
    const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, Partial<typeof manifest>>>;
    };
    assert.deepEqual([lock.packages['']?.os, lock.packages['']?.cpu], [manifest.os, manifest.cpu]);
    for (const page of ['README.md', 'docs/production.md']) {
      const text = readFileSync(join(repositoryRoot, page), 'utf8');
      assert.match(text, /Supported: Linux and macOS on x64 and arm64; .*Windows is not: use WSL 2/, page);
    }
  });

  it('says on Windows, in one sentence and before anything else, to use WSL', () => {
    const asWindows = `data:text/javascript,Object.defineProperty(process, 'platform', { value: 'win32' })`;
    const bin = join(repositoryRoot, manifest.bin['assay'] ?? '');
    const { status, stderr } = spawnSync(process.execPath, ['--import', asWindows, bin, 'demo'], {
      encoding: 'utf8',
    });
    assert.equal(status, 7);
    assert.match(
      stderr,
      /^error assay runs on Linux and macOS \(x64, arm64\), not on Windows\nnext:\n {2}wsl --install/,
    );
  });

  it('runs nothing of its own when it is installed', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      assert.equal(manifest.scripts[script], undefined);
    }
  });

  it('stands on permissive licences only', () => {
    const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly license?: string }>>;
    };
    const used = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    assert.ok(used.length > 100);
    for (const [path, { license }] of used) {
      if (path.endsWith('node_modules/unionfs')) continue; // Unlicense; says so in its README alone
      assert.match(license ?? 'none', PERMISSIVE, path);
    }
  });

  it('can say what it is made of: `npm run sbom`', () => {
    const said = execFileSync('npm', ['run', '-s', 'sbom'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { bomFormat, components } = JSON.parse(said) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly purl: string; readonly hashes: readonly { alg: string }[] }[];
    };
    assert.equal(bomFormat, 'CycloneDX');
    const listed = components.map(({ purl }) => decodeURIComponent(purl.replace('pkg:npm/', '')));
    const own = Object.entries(manifest.dependencies).map((one) => one.join('@'));
    assert.deepEqual(
      own.filter((one) => !listed.includes(one)),
      [],
    );
    for (const { purl, hashes } of components) assert.equal(hashes[0]?.alg, 'SHA-512', purl);
  });

  it('pins every dependency to one version', () => {
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/u, name);
    }
  });
});

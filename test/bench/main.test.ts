import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';
import { repositoryRoot } from '../paths.js';

const NOTHING_SET = { ASSAY_DATA_DIR: '', ASSAY_PYTHON: '' };

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const entry = modulePath(import.meta.url, '../../bench/main');
  return spawnSync(process.execPath, [...inheritedNodeFlags(), entry, ...args], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    env: { ...process.env, ...NOTHING_SET },
  });
}

describe('npm run bench', () => {
  it('lists benchmarks that exist, with pages that exist', () => {
    const { status, stdout } = bench();
    assert.equal(status, 0);
    assert.equal(bench('--help').stdout, stdout);
    const names = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].flatMap(([, name]) => name ?? []);
    assert.ok(names.includes('linear') && names.includes('orchestration'), stdout);
    for (const name of names) assert.ok(existsSync(join(repositoryRoot, `bench/${name}.ts`)), name);
    for (const [page] of stdout.matchAll(/docs\/\S+/g))
      assert.ok(existsSync(join(repositoryRoot, page)), page);
  });

  it('names the known ones where one is unknown', () => {
    const { status, stderr } = bench('liner');
    assert.equal(status, 2);
    assert.match(
      stderr,
      /there is no benchmark "liner"; expected one of agreement, baselines, .*linear, .*tfidf/,
    );
  });

  it('says which variables a benchmark needs before it starts', () => {
    const { status, stderr } = bench('tfidf');
    assert.equal(status, 2);
    assert.match(stderr, /tfidf needs ASSAY_DATA_DIR and ASSAY_PYTHON/);
  });

  it('is what package.json calls', () => {
    const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    assert.match(scripts['bench'] ?? '', /dist\/bench\/main\.js$/);
  });
});

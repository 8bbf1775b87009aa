import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { repositoryRoot } from '../paths.js';

interface Entry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> };

/** Whether Node would find a package from below `path`. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

describe('the lock file', () => {
  it('locks the binaries of every platform: with one left out, `npm ci` refuses everywhere', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(path, name))
        .map((name) => `${path} needs ${name}`),
    );
    assert.deepEqual(missing, [], 'pin (or override) the newest version that has all platforms');
  });

  it('names no registry', () => assert.doesNotMatch(text, /"resolved":/));
});

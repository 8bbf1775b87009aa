#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUILT = ['cli/main.js', 'workflow-bundle.js', 'code-versions.json'];
const MISSING_TOOL = 7;

const url = (path) => new URL(`../${path}`, import.meta.url);
const isThere = (path) => existsSync(url(path));
const isBuilt = () => BUILT.every((name) => isThere(`dist/${name}`));

/** Builds a clone that has its compiler installed; what the build says goes to stderr, where --json leaves room. */
function build() {
  if (!isThere('tsconfig.json') || !isThere('node_modules/typescript')) return;
  console.error('building assay, once (about 20 s) …');
  const options = { cwd: fileURLToPath(url('.')), stdio: ['ignore', 2, 2] };
  spawnSync('npm', ['run', '-s', 'build'], options);
}

if (!isBuilt()) build();
if (isBuilt()) {
  await import(url('dist/cli/main.js').href);
} else {
  const command = `cd ${fileURLToPath(url('.'))} && npm ci && npm run build`;
  console.error(`error this clone of assay is not built yet\nnext:\n  ${command}`);
  process.exitCode = MISSING_TOOL;
}

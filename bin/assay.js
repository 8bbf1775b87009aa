#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BUILT = ['cli/main.js', 'workflow-bundle.js', 'code-versions.json'];
const MISSING_TOOL = 7;

const url = (path) => new URL(`../${path}`, import.meta.url);
const isThere = (path) => existsSync(url(path));
const isBuilt = () => BUILT.every((name) => isThere(`dist/${name}`));
/** A clone with its compiler; an installed package is built already. */
const isClone = () => isThere('tsconfig.json') && isThere('node_modules/typescript');

/** True where a source is newer than the build: after `git pull`, say. */
function isStale() {
  const builtAt = statSync(url('dist/code-versions.json')).mtimeMs;
  const folders = readdirSync(url('.'), { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && !/^(\.|dist|node_modules|docs|examples|test|bench)/.test(entry.name),
    )
    .map(({ name }) => name);
  return folders.some((folder) =>
    readdirSync(url(folder), { recursive: true }).some(
      (file) => file.endsWith('.ts') && statSync(url(`${folder}/${file}`)).mtimeMs > builtAt,
    ),
  );
}

/** What the build says goes to stderr, where --json leaves room. */
function build(why) {
  console.error(`building assay, ${why} (about 20 s) …`);
  const options = { cwd: fileURLToPath(url('.')), stdio: ['ignore', 2, 2] };
  spawnSync('npm', ['run', '-s', 'build'], options);
}

/** Where Temporal's own libraries, and ours, are built and tried. */
function refuseWindows() {
  console.error('error assay runs on Linux and macOS (x64, arm64), not on Windows\nnext:');
  console.error('  wsl --install        a Linux inside Windows (WSL 2); install Node and assay there');
  process.exit(MISSING_TOOL);
}

if (process.platform === 'win32') refuseWindows();
if (isClone()) {
  if (!isBuilt()) build('once');
  else if (isStale()) build('whose sources are newer');
}
if (isBuilt()) {
  await import(url('dist/cli/main.js').href);
} else {
  const command = `cd ${fileURLToPath(url('.'))} && npm ci && npm run build`;
  console.error(`error this clone of assay is not built yet\nnext:\n  ${command}`);
  process.exitCode = MISSING_TOOL;
}

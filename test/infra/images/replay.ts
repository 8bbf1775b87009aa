import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { cacheDirectory } from '../../../infra/cache.js';
import { repositoryRoot } from '../../paths.js';
import { parseDockerfile, variablesOf, type Step } from './dockerfile.js';

/** The user `node` of the base image. */
const NODE_USER = 1000;

/** What an image would hold, as folders, and how it would be started. */
export interface Replayed {
  /** Where a path of the container is here. */
  place(path: string): string;
  readonly environment: Readonly<Record<string, string>>; // paths are those of here
  readonly workingDirectory: string;
  readonly user: string;
  readonly entry: readonly string[];
  readonly command: readonly string[];
}

interface Folder {
  readonly root: string;
  environment: Record<string, string>;
  workingDirectory: string;
  user: string;
  entry: string[];
  command: string[];
}

/**
 * Does what a Dockerfile says in folders: COPY takes the files of a checkout that the ignore file lets through; RUN is played
 * where that needs neither root's file system nor the network. What `npm ci`, the build and `setup` make is taken from this
 * checkout, where CI has just run the same commands; what was installed for development is really pruned.
 *
 * @throws AssertionError for a step that it can't replay
 */
export function replayImage(file: string, folder: string): Replayed {
  const text = readFileSync(file, 'utf8');
  const ignored = readFileSync(`${file}.dockerignore`, 'utf8').split('\n').filter(Boolean);
  const folders = new Map<string, Folder>();
  for (const { name, steps } of parseDockerfile(text)) {
    const root = join(folder, name);
    mkdirSync(root, { recursive: true });
    const stage: Folder = {
      ...{ root, environment: {}, workingDirectory: '/', user: 'root', entry: [], command: [] },
    };
    folders.set(name, stage);
    for (const step of steps) play(step, stage, folders, ignored);
  }
  const last = [...folders.values()].at(-1)!;
  const place = (path: string): string => inside(last, path);
  const isPlace = (value: string): boolean => isAbsolute(value) && existsSync(place(value));
  return {
    ...{ place, user: last.user, command: last.command, workingDirectory: place(last.workingDirectory) },
    environment: Object.fromEntries(
      Object.entries(last.environment).map(([name, value]) => [name, isPlace(value) ? place(value) : value]),
    ),
    entry: last.entry.map((word) => (isPlace(word) ? place(word) : word)),
  };
}

const inside = ({ root, workingDirectory }: Folder, path: string): string =>
  join(root, isAbsolute(path) ? path : join(workingDirectory, path));

function play(step: Step, stage: Folder, folders: Map<string, Folder>, ignored: readonly string[]): void {
  const { name, text } = step;
  switch (name) {
    case 'WORKDIR':
      stage.workingDirectory = text;
      mkdirSync(inside(stage, text), { recursive: true });
      return;
    case 'ENV':
      Object.assign(stage.environment, variablesOf(text));
      return;
    case 'USER':
      stage.user = text;
      return;
    case 'ENTRYPOINT':
      stage.entry = JSON.parse(text) as string[];
      return;
    case 'CMD':
      stage.command = JSON.parse(text) as string[];
      return;
    case 'COPY':
      copy(step, stage, folders, ignored);
      return;
    case 'RUN':
      for (const command of text.split('&&')) run(command.trim(), stage);
      return;
    default:
      assert.fail(`nobody can replay ${name} ${text}`);
  }
}

function copy(
  { flags, text }: Step,
  stage: Folder,
  folders: Map<string, Folder>,
  ignored: readonly string[],
): void {
  const words = text.split(/\s+/u);
  const to = words.pop()!;
  if (flags['from'] !== undefined) {
    const from = folders.get(flags['from'])!;
    assert.equal(words.length, 1);
    link(inside(from, words[0]!), inside(stage, to));
    return;
  }
  const wanted = words.flatMap((word) =>
    word === '.' ? checkout(ignored) : checkout([]).filter((path) => path === word),
  );
  assert.ok(wanted.length >= words.length, `COPY ${text}: not all of it is in the checkout`);
  for (const path of wanted) {
    const target = join(inside(stage, to), path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(repositoryRoot, path), target);
  }
}

/** Files that git knows, without those that the ignore file keeps back. */
function checkout(ignored: readonly string[]): string[] {
  const known = execFileSync('git', ['ls-files', '-z'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const patterns = ignored.map(
    (one) => new RegExp(`^${one.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`, 'u'),
  );
  return known
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(repositoryRoot, path)))
    .filter((path) => !patterns.some((pattern) => pattern.test(path)));
}

/** What each command of a RUN comes to in a folder. */
const COMMANDS: readonly (readonly [RegExp, (stage: Folder, command: string) => void])[] = [
  [/^(apt-get |rm -rf \/var\/lib\/apt)/u, () => undefined], // of the base image
  [/^npm ci$/u, (stage) => link(join(repositoryRoot, 'node_modules'), inside(stage, 'node_modules'))],
  [/^npm run build$/u, (stage) => link(join(repositoryRoot, 'dist'), inside(stage, 'dist'))],
  [
    /^node dist\/cli\/main\.js setup( --gpu)?$/u,
    (stage) => {
      const to = inside(stage, stage.environment['ASSAY_CACHE_DIR']!);
      const made = join(cacheDirectory(), 'tensorflow');
      if (existsSync(made)) link(made, join(to, 'tensorflow'));
      else mkdirSync(to, { recursive: true });
    },
  ],
  [
    /^npm prune --omit=dev$/u,
    (stage, command) => {
      const cwd = inside(stage, '.');
      rmSync(join(cwd, 'node_modules/.package-lock.json'), { force: true }); // it is written in place, and this is a link
      execFileSync('npm', [...command.split(' ').slice(1), '--offline', '--ignore-scripts', '--no-audit'], {
        ...{ cwd, stdio: ['ignore', 'ignore', 'pipe'] },
      });
    },
  ],
  [
    /^chown node:node \S+$/u,
    (stage, command) => {
      if (process.getuid?.() === 0) chownSync(inside(stage, command.split(' ')[2]!), NODE_USER, NODE_USER);
    },
  ],
];

function run(command: string, stage: Folder): void {
  const [, played] = COMMANDS.find(([pattern]) => pattern.test(command)) ?? [];
  assert.ok(played, `nobody can replay RUN ${command}`);
  played(stage, command);
}

/** A folder of links to the same files; copies, where the other folder is on another disk. */
function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', from, to]);
  }
}

/** How a process of the image's user is started; undefined where only root could. */
export const asUser = ({ user }: Replayed): { readonly uid?: number; readonly gid?: number } => {
  assert.equal(user, 'node');
  return process.getuid?.() === 0 ? { uid: NODE_USER, gid: NODE_USER } : {};
};

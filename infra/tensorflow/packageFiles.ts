import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { TFJS_NODE_VERSION } from './native.js';

const run = promisify(execFile);

interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** As in package-lock.json: base64 SHA-512 of the tarball. */
  readonly sha512: string;
}

/** Has the addon's sources, and the JavaScript that drives it. */
const TFJS_NODE: NpmPackage = {
  name: '@tensorflow/tfjs-node-gpu',
  version: TFJS_NODE_VERSION,
  sha512: 'p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
};

/** Its JavaScript encodes operations' attributes with it. */
const PROTOBUF: NpmPackage = {
  name: 'google-protobuf',
  version: '3.21.4',
  sha512: 'MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
};

/**
 * Puts the JavaScript and the C++ sources of `@tensorflow/tfjs-node-gpu` into a folder: from node_modules, else from
 * npm. (Its own install script fails on many machines, and npm then leaves the whole package out.)
 *
 * @param from whose node_modules; a path or file URL
 * @throws MissingToolError when npm can't fetch it, or gives something else
 */
export async function placePackageFiles(
  folder: string,
  environment: NodeJS.ProcessEnv,
  from: string = import.meta.url,
): Promise<void> {
  const scratch = join(folder, 'fetched');
  const fetcher = new NpmFetcher(scratch, environment);
  const tfjs = installed(TFJS_NODE, from) ?? (await fetcher.fetch(TFJS_NODE));
  const protobuf = installed(PROTOBUF, join(tfjs, 'package.json')) ?? (await fetcher.fetch(PROTOBUF));
  for (const part of ['package.json', 'dist', 'binding']) {
    await cp(join(tfjs, part), join(folder, part), { recursive: true, dereference: true });
  }
  await cp(protobuf, join(folder, 'node_modules', PROTOBUF.name), { recursive: true, dereference: true });
  await rm(scratch, { recursive: true, force: true });
}

/** Folder of an installed package, when it has exactly that version. */
function installed({ name, version }: NpmPackage, from: string): string | undefined {
  const require = createRequire(from);
  try {
    const file = require.resolve(`${name}/package.json`);
    const { version: found } = require(file) as { version: string };
    return found === version ? dirname(file) : undefined;
  } catch {
    return undefined; // not installed
  }
}

class NpmFetcher {
  constructor(
    readonly scratch: string,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @returns the unpacked package's folder */
  async fetch(wanted: NpmPackage): Promise<string> {
    const folder = join(this.scratch, wanted.name);
    await mkdir(folder, { recursive: true });
    const spec = `${wanted.name}@${wanted.version}`;
    try {
      await run('npm', ['pack', spec, '--ignore-scripts', '--silent', '--pack-destination', folder], {
        env: this.environment,
        cwd: folder,
        timeout: 5 * 60_000,
      });
    } catch (cause) {
      const { code, stderr } = cause as { code?: unknown; stderr?: string };
      const why = code === 'ENOENT' ? 'there is no npm on the PATH' : (stderr ?? '').trim() || String(cause);
      throw new MissingToolError(
        `${spec} is not installed and could not be fetched: ${why}; ` +
          `run \`npm install --ignore-scripts ${spec}\` beside assay where npm's registry can be reached`,
        { cause },
      );
    }
    const tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '');
    const found = createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64');
    if (found !== wanted.sha512) {
      throw new MissingToolError(
        `${spec}: expected a tarball of SHA-512 ${wanted.sha512}, npm gave ${found}`,
      );
    }
    await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
    await rm(tarball);
    return folder;
  }
}

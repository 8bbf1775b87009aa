import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../../contracts/errors.js';
import { downloadFile } from '../download.js';
import { withWheel } from '../wheel.js';
import type { EnsureTensorflowOptions } from './findTensorflow.js';
import { currentPlatform, libraryIn, tensorflowCache, type Flavour, type GivenLibrary } from './native.js';

/** Of the Python wheels; what Assay's networks were measured with. */
export const WHEEL_VERSION = '2.21.0';

/** Of the archives that `@tensorflow/tfjs-node-gpu` itself downloads. */
export const OFFICIAL_VERSION = '2.9.1';

interface Wheel {
  readonly package: string;
  readonly megabytes: number;
  readonly pythonPlatform: string;
  readonly sha256: string;
}

/** By flavour and platform. Any Python's wheel has the same libraries: these are for 3.11, whatever is installed. */
const WHEELS: Readonly<Record<Flavour, Readonly<Record<string, Wheel>>>> = {
  cpu: {
    'linux-x64': {
      package: 'tensorflow-cpu',
      megabytes: 274,
      pythonPlatform: 'manylinux_2_27_x86_64',
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    },
    'linux-arm64': {
      package: 'tensorflow',
      megabytes: 282,
      pythonPlatform: 'manylinux_2_27_aarch64',
      sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    },
  },
  gpu: {
    'linux-x64': {
      package: 'tensorflow',
      megabytes: 572,
      pythonPlatform: 'manylinux_2_27_x86_64',
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    },
  },
};

/** Only without CUDA: what that archive's CUDA kernels want (CUDA 11.2) has been superseded since. */
const OFFICIAL = {
  platform: 'linux-x64',
  url: `https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-${OFFICIAL_VERSION}.tar.gz`,
  sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
};
const OFFICIAL_ANSWERS_WITHIN_MS = 8_000;

/** What the addon's sources include, below `tensorflow/include/` of a wheel; the whole is 13,000 files. */
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'];

type LibraryOptions = EnsureTensorflowOptions & { readonly environment: NodeJS.ProcessEnv };

interface Source {
  readonly name: string;
  readonly version: string;
  /** Fills an empty folder so that it holds `tensorflow/`, laid out as in a wheel. */
  readonly fill: (folder: string, options: LibraryOptions) => Promise<void>;
}

/**
 * TensorFlow's library and headers in the cache; fetched where they are not there.
 *
 * @throws MissingToolError saying what was tried
 */
export async function ensureLibrary(flavour: Flavour, options: LibraryOptions): Promise<GivenLibrary> {
  const sources = sourcesFor(flavour, currentPlatform());
  const cached = sources.find(({ version }) => existsSync(folderOf(version, flavour, options.environment)));
  if (cached) return placed(cached, flavour, options.environment);
  const failures: Error[] = [];
  for (const source of sources) {
    try {
      await fetchInto(folderOf(source.version, flavour, options.environment), source, options);
      return placed(source, flavour, options.environment);
    } catch (error) {
      options.signal?.throwIfAborted();
      const failure = error instanceof Error ? error : new Error(String(error));
      options.log?.(`${source.name}: ${failure.message}`);
      failures.push(failure);
    }
  }
  throw unavailable(flavour, failures);
}

/**
 * Where the library comes from, in the order of trying: the wheel, since it is the version that was measured and the
 * same on every machine (an engine's version is part of what it trained), then the official archive.
 */
export function sourcesFor(flavour: Flavour, platform: string): Source[] {
  const wheel = WHEELS[flavour][platform];
  const sources: Source[] = [];
  if (wheel) sources.push(wheelSource(wheel, platform));
  if (flavour === 'cpu' && platform === OFFICIAL.platform) {
    sources.push({
      name: `libtensorflow ${OFFICIAL_VERSION}`,
      version: OFFICIAL_VERSION,
      fill: fillFromOfficial,
    });
  }
  return sources;
}

function wheelSource(wheel: Wheel, platform: string): Source {
  return {
    name: `${wheel.package} ${WHEEL_VERSION}`,
    version: WHEEL_VERSION,
    fill: async (folder, options) => {
      options.log?.(`Fetching TensorFlow ${WHEEL_VERSION} (${String(wheel.megabytes)} MB, once)`);
      const source = {
        ...{ package: wheel.package, version: WHEEL_VERSION, sha256: { [platform]: wheel.sha256 }, platform },
        ...{ environment: options.environment, isLarge: true, fallbackIndex: 'https://pypi.org/simple' },
        pipOptions: [
          ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
          ...['--platform', wheel.pythonPlatform],
        ],
        ...(options.onProgress && { onProgress: options.onProgress }),
        ...(options.signal && { signal: options.signal }),
      };
      const beside = join(tensorflowCache(options.environment), wheel.package);
      await withWheel(source, beside, async (file) => {
        options.log?.('Unpacking its libraries');
        const { extractMembers } = await import('../zip.js');
        await extractMembers(file, (name) => (isWanted(name) ? join(folder, name) : undefined));
      });
    },
  };
}

/** Of a wheel's members: libraries, the headers that the addon includes, the licences. */
function isWanted(name: string): boolean {
  if (/^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name)) return true;
  if (/^tensorflow\/(THIRD_PARTY_NOTICES\.txt|include\/LICENSE)$/.test(name)) return true;
  return HEADERS.some((prefix) => name.startsWith(`tensorflow/include/${prefix}`) && name.endsWith('.h'));
}

async function fillFromOfficial(folder: string, options: LibraryOptions): Promise<void> {
  options.log?.(`Fetching libtensorflow ${OFFICIAL_VERSION}`);
  const archive = join(tensorflowCache(options.environment), `libtensorflow-${OFFICIAL_VERSION}.tar.gz`);
  await downloadFile({
    ...{ url: OFFICIAL.url, sha256: OFFICIAL.sha256, to: archive },
    ...{ idleTimeoutMs: OFFICIAL_ANSWERS_WITHIN_MS, attempts: 2 },
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(options.signal && { signal: options.signal }),
  });
  const root = join(folder, 'tensorflow');
  await mkdir(root, { recursive: true });
  await promisify(execFile)('tar', ['-xzf', archive, '-C', root]);
  await rm(archive);
}

async function fetchInto(folder: string, source: Source, options: LibraryOptions): Promise<void> {
  const scratch = `${folder}.${String(process.pid)}.tmp`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    await source.fill(scratch, options);
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where the libraries of a version are; beside its `tensorflow/` is room for `nvidia/`, where it looks for CUDA. */
export const folderOf = (version: string, flavour: Flavour, environment: NodeJS.ProcessEnv): string =>
  join(tensorflowCache(environment), `library-${version}-${flavour}-${currentPlatform()}`);

function placed({ version }: Source, flavour: Flavour, environment: NodeJS.ProcessEnv): GivenLibrary {
  const root = join(folderOf(version, flavour, environment), 'tensorflow');
  const library = libraryIn(root) ?? libraryIn(join(root, 'lib'));
  if (library === undefined) {
    throw new MissingToolError(`${root} holds no libtensorflow: remove it and run the command again`);
  }
  return {
    libraryFolder: join(library, '..'),
    includeFolder: join(root, 'include'),
    tensorflow: version,
  };
}

function unavailable(flavour: Flavour, failures: readonly Error[]): MissingToolError {
  const tried =
    failures.length === 0
      ? `there is no known build for ${currentPlatform()}${flavour === 'gpu' ? ' with CUDA' : ''}`
      : failures.map(({ message }) => message).join('; ');
  return new MissingToolError(
    `TensorFlow's library could not be had: ${tried}. Run \`assay setup\` again where a Python package index can be reached ` +
      '(PIP_INDEX_URL), or set ASSAY_TENSORFLOW_DIR to a folder with libtensorflow_cc.so.2 and include/; without it, wasm computes',
    { cause: new AggregateError(failures) },
  );
}

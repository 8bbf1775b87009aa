import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cacheDirectory } from '../../infra/cache.js';
import { downloadFile } from '../../infra/download.js';

const body = randomBytes(300_000);
const sha256 = createHash('sha256').update(body).digest('hex');

interface Bench {
  readonly url: string;
  readonly to: string;
  readonly directory: string;
  readonly ranges: (string | undefined)[];
}

/** A server, and a folder to download into; both go with the test. */
async function bench(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Bench> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const directory = await mkdtemp(join(tmpdir(), 'assay-download-'));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/file`,
    to: join(directory, 'sub', 'file'),
    directory,
    ranges,
  };
}

/** Serves `body`, with ranges. */
function serve(request: IncomingMessage, response: ServerResponse, content = body): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length) return void response.writeHead(416).end();
  const part = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': part.length }).end(part);
}

/** Sends the first bytes and then breaks the connection. */
function cutOff(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
}

const fast = { sha256, attempts: 3, retryDelayMs: 1 };

describe('downloadFile', () => {
  it('puts the file in place, tells progress, and leaves nothing else', async (t) => {
    const { url, to, directory } = await bench(t, (request, response) => serve(request, response));
    const seen: number[] = [];
    await downloadFile({ ...fast, url, to, onProgress: ({ receivedBytes }) => seen.push(receivedBytes) });
    assert.deepEqual(await readFile(to), body);
    assert.equal(seen.at(-1), body.length);
    assert.deepEqual(await readdir(join(directory, 'sub')), ['file']);
  });

  it('resumes where the connection broke', async (t) => {
    const { url, to, ranges } = await bench(t, (request, response, count) =>
      count === 1 ? cutOff(response, 100_000) : serve(request, response),
    );
    await downloadFile({ ...fast, url, to });
    assert.deepEqual(await readFile(to), body);
    assert.deepEqual(ranges, [undefined, 'bytes=100000-']);
  });

  it('goes on where an earlier process was killed', async (t) => {
    const { url, to, directory, ranges } = await bench(t, (request, response) => serve(request, response));
    await rm(join(directory, 'sub'), { recursive: true, force: true });
    const place = join(directory, 'orphan');
    await writeFile(`${place}.4194304.0123abcd.partial`, body.subarray(0, 1000));
    await downloadFile({ ...fast, url, to: place });
    assert.deepEqual(await readFile(place), body);
    assert.deepEqual(ranges, ['bytes=1000-']);
    assert.notEqual(to, place);
  });

  it('starts again when what an earlier attempt left is of another file', async (t) => {
    const { url, directory } = await bench(t, (request, response) => serve(request, response));
    const to = join(directory, 'file');
    await writeFile(`${to}.partial`, randomBytes(2000));
    await downloadFile({ ...fast, url, to });
    assert.deepEqual(await readFile(to), body);
  });

  it('gives up a connection on which nothing arrives, and tries again', async (t) => {
    const { url, to } = await bench(t, (request, response, count) => {
      if (count > 1) return serve(request, response);
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, 10));
    });
    await downloadFile({ ...fast, url, to, idleTimeoutMs: 200 });
    assert.deepEqual(await readFile(to), body);
  });

  it('refuses another content than asked for, and removes it', async (t) => {
    const { url, to, directory } = await bench(t, (request, response) =>
      serve(request, response, Buffer.from('<html>login</html>')),
    );
    await assert.rejects(downloadFile({ ...fast, url, to }), /MissingToolError: .*expected SHA-256/);
    assert.deepEqual(await readdir(join(directory, 'sub')), []);
  });

  it('does not try again what the server refuses', async (t) => {
    const { url, to, ranges } = await bench(t, (_, response) => response.writeHead(404).end());
    await assert.rejects(downloadFile({ ...fast, url, to }), /HTTP 404/);
    assert.equal(ranges.length, 1);
  });

  it('downloads once for callers that ask at the same time, and not at all when the file is there', async (t) => {
    const { url, to, ranges } = await bench(t, (request, response) => serve(request, response));
    await Promise.all([downloadFile({ ...fast, url, to }), downloadFile({ ...fast, url, to })]);
    await downloadFile({ ...fast, url, to });
    assert.equal(ranges.length, 1);
  });
});

describe('cacheDirectory', () => {
  const cases = [
    { name: 'ASSAY_CACHE_DIR comes first', in: { ASSAY_CACHE_DIR: '/a', XDG_CACHE_HOME: '/x' }, want: '/a' },
    { name: 'XDG_CACHE_HOME comes next', in: { XDG_CACHE_HOME: '/x' }, want: '/x/assay' },
  ];
  for (const { name, in: environment, want } of cases) {
    it(name, () => assert.equal(cacheDirectory(environment), want));
  }
  it('a relative XDG_CACHE_HOME counts as not set', () =>
    assert.match(cacheDirectory({ XDG_CACHE_HOME: 'x' }), /\.cache\/assay$/));
});

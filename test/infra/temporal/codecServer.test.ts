import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { defaultPayloadConverter } from '@temporalio/common';
import { encryptionCodec } from '../../../infra/temporal/codec.js';
import { openCodecServer } from '../../../infra/temporal/codecServer.js';

const keys = [{ id: 'k', key: randomBytes(32) }];
const UI = 'http://127.0.0.1:8233';
interface JsonPayload {
  readonly metadata: Record<string, string>;
  readonly data: string;
}
const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

describe("the codec server for Temporal's UI", () => {
  let server: Awaited<ReturnType<typeof openCodecServer>>;
  before(async () => {
    server = await openCodecServer({ keys, origins: [UI], host: '127.0.0.1', port: 0 });
  });
  after(() => server.close());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers });
  const encrypted = async (value: unknown): Promise<JsonPayload> => {
    const [payload] = await encryptionCodec(keys).encode([defaultPayloadConverter.toPayload(value)!]);
    const metadata = Object.entries(payload!.metadata!).map(([name, bytes]) => [name, base64(bytes)]);
    return { metadata: Object.fromEntries(metadata) as Record<string, string>, data: base64(payload!.data) };
  };

  it('opens payloads for the UI, and lets only its pages read them', async () => {
    const response = await post('/decode', { payloads: [await encrypted({ stage: 'fit' })] }, { origin: UI });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-origin'), UI);
    const { payloads } = (await response.json()) as { payloads: JsonPayload[] };
    assert.equal(Buffer.from(payloads[0]!.data, 'base64').toString(), '{"stage":"fit"}');
  });

  it('encrypts what the UI sends', async () => {
    const plain = {
      metadata: { encoding: base64(Buffer.from('json/plain')) },
      data: base64(Buffer.from('"x"')),
    };
    const { payloads } = (await (await post('/encode', { payloads: [plain] })).json()) as {
      payloads: JsonPayload[];
    };
    assert.equal(Buffer.from(payloads[0]!.metadata['encoding']!, 'base64').toString(), 'binary/encrypted');
    const back = (await (await post('/decode', { payloads })).json()) as { payloads: JsonPayload[] };
    assert.deepEqual(back.payloads, [plain]);
  });

  it('answers the preflight of the UI', async () => {
    const response = await fetch(`${server.url}/decode`, { method: 'OPTIONS', headers: { origin: UI } });
    assert.equal(response.status, 204);
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /x-namespace/);
  });

  it('refuses pages of other origins, before it opens anything', async () => {
    const response = await post(
      '/decode',
      { payloads: [await encrypted('x')] },
      { origin: 'https://evil.example' },
    );
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    assert.match(await response.text(), /--ui-origin https:\/\/evil\.example if it is your UI/);
  });

  it('refuses a foreign name that was bent to this address', async () => {
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(server.url);
      const asked = request({
        port,
        host: '127.0.0.1',
        path: '/decode',
        method: 'POST',
        headers: { host: 'evil.example' },
      });
      asked
        .once('response', ({ statusCode }) => resolve(statusCode))
        .once('error', reject)
        .end('{}');
    });
    assert.equal(status, 403);
  });

  it('says nothing of what it was sent when that is wrong', async () => {
    for (const body of [{ payloads: 'planted-secret' }, { payloads: [{ data: 'planted secret!' }] }]) {
      const response = await post('/decode', body);
      assert.equal(response.status, 400);
      assert.doesNotMatch(await response.text(), /planted/);
    }
    assert.equal((await post('/other', {})).status, 404);
    assert.equal((await fetch(`${server.url}/decode`)).status, 404);
  });

  it('stops reading a body that is too long', async () => {
    const response = await fetch(`${server.url}/decode`, {
      method: 'POST',
      body: 'x'.repeat(17 * 1024 * 1024),
    }).catch(() => undefined);
    assert.ok(response === undefined || response.status === 413);
  });
});

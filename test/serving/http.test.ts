import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { ModelVersion } from '../../contracts/registry.js';
import { apiKeys } from '../../serving/apiKeys.js';
import { createServer, type ServerSettings } from '../../serving/http.js';
import { LiveModel, type Followed } from '../../serving/liveModel.js';
import { loadServedModel } from '../../serving/servedModel.js';
import { ServeMetrics } from '../../serving/serveMetrics.js';
import { createShadow } from '../../serving/shadow.js';
import { rateLimit } from '../../serving/tokenBucket.js';
import { promote, toyRegistry, type ToyRegistry } from './toyModel.js';

const KEY = 'a-key-of-some-length';
/** `npm run bench -- serving` makes 100. */
const SWAPS = 6;
const noEngine = () => Promise.reject(new Error('linear models need no engine'));

describe('a served model', () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  let toy: ToyRegistry;
  let versions: ModelVersion[];
  const apps: FastifyInstance[] = [];
  before(async () => {
    toy = await toyRegistry({ after: (cleanup) => void cleanups.push(cleanup as () => void) });
    versions = [await toy.add(1), await toy.add(4), await toy.add(16)];
    await promote(toy.registry, 1);
  });
  after(async () => {
    for (const app of apps) await app.close();
    for (const cleanup of cleanups) await cleanup();
  });

  const openLive = (followed: readonly Followed[], tell: LiveModel['options']['tell'] = () => undefined) =>
    LiveModel.open({
      ...{ registry: toy.registry, followed, tell },
      load: (version) => loadServedModel(version, { artifacts: toy.artifacts, engine: noEngine }),
    });
  async function start(live: LiveModel, more: Partial<ServerSettings> = {}) {
    const app = createServer({
      answerer: () => live.current,
      swaps: () => live.swaps,
      otherColumns: new Set(['id']),
      keys: apiKeys(undefined, undefined),
      limit: rateLimit(0),
      metrics: new ServeMetrics(),
      ...{ bodyLimitBytes: 4096, requestTimeoutMs: 5_000, mostRows: 10, nowMs: () => performance.now() },
      ...more,
    });
    apps.push(app);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${address}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Record<string, never>,
      };
    };
    const text = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${address}${path}`, { headers });
      return { status: response.status, text: await response.text() };
    };
    return { address, post, text, app };
  }
  const fixed = (version: number): Followed => ({ version: versions[version - 1]!, weight: 1 });
  const row = { title: 'red apple', price: 2 };

  it('answers one row as the stored model would, and says which model it was', async () => {
    const { post } = await start(await openLive([fixed(1)]));
    const { status, body } = await post('/v1/predict', { row, top: 2 });
    assert.equal(status, 200);
    const model = await loadServedModel(versions[0]!, { artifacts: toy.artifacts, engine: noEngine });
    const [fruit, tool] = model.probabilities({
      rows: 1,
      columns: { title: ['red apple'], price: Float64Array.of(2) },
    });
    assert.deepEqual(body, {
      ...{ model: 'toy@1', label: 'fruit', probability: fruit },
      top: [
        { label: 'fruit', probability: fruit },
        { label: 'tool', probability: tool },
      ],
    });
    assert.ok(fruit! > 0.6);
  });

  it('answers a batch as it answers its rows one by one', async () => {
    const { post } = await start(await openLive([fixed(2)]));
    const rows = [row, { title: 'heavy hammer', price: 40 }, { title: null, price: null }];
    const { body } = await post('/v1/predict/batch', { rows });
    const single = await Promise.all(rows.map(async (one) => (await post('/v1/predict', { row: one })).body));
    assert.deepEqual(
      body['answers'],
      single.map(({ label, probability }) => ({ label, probability })),
    );
  });

  const refused = [
    {
      name: 'a column that it does not know',
      body: { row: { ...row, prize: 1 } },
      want: [400, 'invalid_row', /"prize"; did you mean "price"/],
    },
    {
      name: 'a column that is missing',
      body: { row: { title: 'x' } },
      want: [400, 'invalid_row', /"price" is missing/],
    },
    {
      name: 'a value that is no number',
      body: { row: { ...row, price: 'x' } },
      want: [400, 'invalid_value', /price: "x" is not a number/],
    },
    { name: 'another shape', body: { rows: [row] }, want: [400, 'invalid_body', /row/] },
    { name: 'what is no JSON', body: '{', want: [400, 'invalid_json', /JSON/] },
    {
      name: 'a body that is too large',
      body: { row: { title: 'x'.repeat(5000), price: 1 } },
      want: [413, 'too_large', /large/],
    },
  ] as const;
  for (const { name, body, want } of refused) {
    it(`refuses ${name}, in one shape`, async () => {
      const { post } = await start(await openLive([fixed(1)]));
      const { status, body: answer } = await post('/v1/predict', body);
      const { code, message } = answer['error'] as unknown as { code: string; message: string };
      assert.deepEqual([status, code], [want[0], want[1]]);
      assert.match(message, want[2]);
    });
  }

  it('refuses too many rows, and names the row of a batch that is wrong', async () => {
    const { post } = await start(await openLive([fixed(1)]));
    const many = await post('/v1/predict/batch', { rows: Array.from({ length: 11 }, () => row) });
    assert.equal(many.status, 400);
    const wrong = await post('/v1/predict/batch', { rows: [row, { title: 'x' }] });
    assert.match(JSON.stringify(wrong.body), /rows\.1: column \\"price\\" is missing/);
  });

  it('asks for a key everywhere but for health, and limits each key', async () => {
    const live = await openLive([fixed(1)]);
    const { post, text } = await start(live, {
      keys: apiKeys(KEY, undefined),
      limit: rateLimit(1),
      nowMs: () => 0,
    });
    assert.equal((await post('/v1/predict', { row })).status, 401);
    assert.equal((await post('/v1/predict', { row }, { 'x-api-key': `${KEY}x` })).status, 401);
    assert.equal((await text('/metrics')).status, 401);
    assert.equal((await text('/healthz')).status, 200);
    assert.equal((await post('/v1/predict', { row }, { authorization: `Bearer ${KEY}` })).status, 200);
    const second = await post('/v1/predict', { row }, { 'x-api-key': KEY });
    assert.deepEqual([second.status, second.headers.get('retry-after')], [429, '1']);
  });

  it('describes itself: OpenAPI with the columns, readiness with the model, metrics with counts', async () => {
    const { post, text, address } = await start(await openLive([fixed(3)]));
    const api = JSON.parse((await text('/openapi.json')).text) as {
      openapi: string;
      paths: Record<string, object>;
    };
    assert.equal(api.openapi, '3.1.0');
    assert.deepEqual(Object.keys(api.paths), ['/v1/predict', '/v1/predict/batch']);
    assert.match(JSON.stringify(api.paths['/v1/predict']), /"required":\["title","price"\]/);
    assert.match((await text('/readyz')).text, /"ready","model":"toy@3"/);
    await post('/v1/predict', { row });
    await sleep(20);
    const { text: metrics } = await text('/metrics');
    assert.match(metrics, /assay_serve_requests_total\{route="\/v1\/predict",status="200"\} 1/);
    assert.match(metrics, /assay_serve_model_info\{model="toy@3"\} 1/);
    const missing = await fetch(`${address}/v2`);
    assert.match(await missing.text(), /there is no GET \/v2; see \/openapi\.json/);
  });

  it('lets a challenger answer unheard, and counts where they differ', async () => {
    const live = await openLive([fixed(1)]);
    const metrics = new ServeMetrics();
    const challenger = { ...live.current, name: 'other@1', probabilities: () => Float64Array.of(0, 1) };
    const shadow = createShadow({ challenger: () => challenger, share: 1, draw: () => 0, metrics });
    const { post } = await start(live, { metrics, shadow });
    assert.equal((await post('/v1/predict', { row })).body['label'], 'fruit');
    await post('/v1/predict', { row: { title: 'grey hammer', price: 30 } });
    await sleep(30);
    const text = metrics.render();
    assert.match(text, /shadow_rows_total\{challenger="other@1",outcome="differed"\} 1/);
    assert.match(text, /shadow_rows_total\{challenger="other@1",outcome="agreed"\} 1/);
  });

  it('goes on as before when the new champion can not be loaded', async () => {
    await promote(toy.registry, 1);
    const told: unknown[] = [];
    const live = await LiveModel.open({
      registry: toy.registry,
      followed: [{ version: versions[0]!, alias: 'champion', weight: 1 }],
      load: (version) =>
        version.version === 2
          ? Promise.reject(new Error('weights are gone'))
          : loadServedModel(version, { artifacts: toy.artifacts, engine: noEngine }),
      tell: (event) => told.push(event),
    });
    await promote(toy.registry, 2);
    await live.refresh();
    assert.equal(live.current.name, 'toy@1');
    assert.deepEqual(
      told.map((event) => (event as { to: string }).to),
      ['toy@2'],
    );
  });

  it('is swapped again and again under load without one failed request', async () => {
    await promote(toy.registry, 1);
    const live = await openLive([{ version: versions[0]!, alias: 'champion', weight: 1 }]);
    const { address, post } = await start(live);
    let isOver = false;
    const seen = new Map<string, number>();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const { status, model } = await ask(address, agent, row);
        assert.equal(status, 200);
        seen.set(model, (seen.get(model) ?? 0) + 1);
        await sleep(1); // server and clients share one process here
      }
    });
    for (let i = 0; i < SWAPS; i++) {
      await promote(toy.registry, 2 + (i % 2));
      await live.refresh();
      assert.equal(live.current.name, `toy@${2 + (i % 2)}`);
    }
    isOver = true;
    await Promise.all(clients);
    agent.destroy();
    assert.equal(live.swaps, SWAPS);
    assert.ok(seen.get('toy@2')! > 0 && seen.get('toy@3')! > 0, JSON.stringify([...seen]));
    assert.equal((await post('/v1/predict', { row })).body['model'], `toy@${2 + ((SWAPS - 1) % 2)}`);
  });
});

/** One request over a kept connection. */
function ask(address: string, agent: Agent, row: object): Promise<{ status: number; model: string }> {
  const body = JSON.stringify({ row });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = httpRequest(`${address}/v1/predict`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const { model } = JSON.parse(text) as { model: string };
        resolve({ status: response.statusCode ?? 0, model });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

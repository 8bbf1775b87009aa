import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from '../../../infra/temporal/connect.js';
import { startTemporalServer, type TemporalServer } from '../../../infra/temporal/startServer.js';
import { assay } from '../../cli/process.js';
import { startCluster, type Cluster } from '../../faults/cluster.js';
import { certificateAuthority } from '../../fakes/certificates.js';
import { toyConfig } from '../../fakes/toyRun.js';
import { startTlsProxy, type TlsProxy } from './tlsProxy.js';

const API_KEY = 'planted-api-key';

describe('a Temporal server behind TLS', () => {
  const authority = certificateAuthority('Assay test CA');
  const stranger = certificateAuthority('Another CA');
  let folder: string;
  let server: TemporalServer;
  let mutual: TlsProxy;
  let keyed: TlsProxy;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-tls-'));
    for (const [name, identity] of Object.entries({
      ...{ ca: authority, client: authority.issue('search-team'), stranger: stranger.issue('nobody') },
    })) {
      writeFileSync(join(folder, `${name}.pem`), identity.cert);
      writeFileSync(join(folder, `${name}.key`), identity.key);
    }
    server = await startTemporalServer();
    mutual = await startTlsProxy(server.address, authority.issue('temporal'), { ca: authority.cert });
    keyed = await startTlsProxy(server.address, authority.issue('temporal'));
    writeFileSync(
      join(folder, 'temporal.toml'),
      `[profile.default]\naddress = "${mutual.address}"\n\n[profile.default.tls]\nserver_ca_cert_path = "${join(folder, 'ca.pem')}"\n` +
        `client_cert_path = "${join(folder, 'client.pem')}"\nclient_key_path = "${join(folder, 'client.key')}"\n`,
    );
  });
  after(async () => {
    mutual.close();
    keyed.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const withCertificate = (name: string): NodeJS.ProcessEnv => ({
    TEMPORAL_ADDRESS: mutual.address,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'ca.pem'),
    ...(name === ''
      ? {}
      : {
          TEMPORAL_TLS_CLIENT_CERT_PATH: join(folder, `${name}.pem`),
          TEMPORAL_TLS_CLIENT_KEY_PATH: join(folder, `${name}.key`),
        }),
  });
  const withKey = (): NodeJS.ProcessEnv => ({
    TEMPORAL_ADDRESS: keyed.address,
    TEMPORAL_API_KEY: API_KEY,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'ca.pem'),
  });

  it('is reached with a client certificate from TEMPORAL_TLS_* variables', async () => {
    const { connection } = await connect({ environment: withCertificate('client') });
    await connection.workflowService.getSystemInfo({});
    await connection.close();
    assert.equal(mutual.calls.at(-1)?.client, 'search-team');
  });

  it('is reached with what temporal.toml says, also by the command line', async () => {
    const before = mutual.calls.length;
    const env = { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'), TEMPORAL_ADDRESS: '' };
    const { code, stdout, stderr } = await assay(['runs', '--json'], { cwd: folder, env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), []);
    const paths = mutual.calls.slice(before).map(({ path }) => path);
    assert.ok(paths.some((path) => path.endsWith('/ListWorkflowExecutions')));
  });

  for (const name of ['', 'stranger']) {
    it(`refuses ${name === '' ? 'no certificate' : 'a certificate of another authority'}, and the error says so`, async () => {
      await assert.rejects(
        connect({ environment: withCertificate(name), timeoutMs: 1_500 }),
        (error: Error) => {
          assert.match(error.message, /answers at 127\.0\.0\.1:\d+.*TEMPORAL_TLS_/);
          return true;
        },
      );
    });
  }

  it('sends the API key with every call, over TLS only', async () => {
    const { connection } = await connect({ environment: withKey() });
    await connection.workflowService.getSystemInfo({});
    await connection.close();
    assert.ok(keyed.calls.length > 0);
    assert.deepEqual(
      new Set(keyed.calls.map(({ authorization }) => authorization)),
      new Set([`Bearer ${API_KEY}`]),
    );
  });

  it('does not tell the API key when it is refused', async () => {
    const environment = { ...withKey(), TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(folder, 'stranger.pem') };
    await assert.rejects(connect({ environment, timeoutMs: 1_500 }), (error: Error) => {
      assert.doesNotMatch(
        JSON.stringify([error.message, String(error.cause), error.stack]),
        new RegExp(API_KEY),
      );
      return true;
    });
  });
});

describe('a worker behind TLS', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster(200, 0.1);
  });
  after(() => cluster.stop());

  it('takes its work with certificate and API key, and its run completes', async () => {
    const authority = certificateAuthority('Assay test CA');
    const identity = authority.issue('worker-7');
    const proxy = await startTlsProxy(cluster.address, authority.issue('temporal'), { ca: authority.cert });
    const environment = {
      TEMPORAL_ADDRESS: proxy.address,
      TEMPORAL_API_KEY: API_KEY,
      TEMPORAL_TLS_SERVER_CA_CERT_DATA: authority.cert,
      TEMPORAL_TLS_CLIENT_CERT_DATA: identity.cert,
      TEMPORAL_TLS_CLIENT_KEY_DATA: identity.key,
    };
    await cluster.startWorker('store', { address: proxy.address }, { environment });
    const config = toyConfig(join(cluster.folder, 'toy.csv'), {
      loop: { strengths: [16], outerFolds: 2, maxRounds: 0 },
      crossValidate: { folds: 0 },
    });
    const handle = await cluster.start('train/toy/tls', config);
    assert.equal((await handle.result()).state, 'completed');
    assert.ok(proxy.calls.some(({ path }) => path.endsWith('/PollActivityTaskQueue')));
    assert.ok(
      proxy.calls.every(
        ({ client, authorization }) => client === 'worker-7' && authorization === `Bearer ${API_KEY}`,
      ),
    );
    proxy.close();
  });
});

import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../infra/freePort.js';
import { connect, type TemporalConnection } from '../../../infra/temporal/connect.js';
import { findTemporalExecutable } from '../../../infra/temporal/findServer.js';

/** A server that others have set up: it knows nothing of Assay. */
export async function foreignServer(t: TestContext): Promise<TemporalConnection> {
  const { path } = await findTemporalExecutable();
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${String(port)}`;
  const options = ['--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'];
  const server = spawn(path, ['server', 'start-dev', ...options], { stdio: 'ignore' });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  for (const end = Date.now() + 30_000; ; await sleep(50)) {
    try {
      const opened = await connect({ address, timeoutMs: 1_000 });
      t.after(async () => {
        await opened.connection.close();
        server.kill('SIGKILL');
        await gone;
      });
      await opened.connection.workflowService.describeNamespace({ namespace: 'default' });
      return opened;
    } catch (error) {
      if (Date.now() < end) continue;
      server.kill('SIGKILL');
      throw error;
    }
  }
}

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake was told of a run. */
export interface ToldRun {
  readonly tags: Record<string, string>;
  readonly params: Record<string, string>;
  readonly metrics: { key: string; value: number; step: number; timestamp: number }[];
  readonly artifacts: Record<string, string>;
  status: string;
}

type Body = Record<string, unknown>;

/** Fake MLflow server: the part of its REST interface that is used, in memory; errors have MLflow's shape. */
export async function fakeMlflow() {
  const runs = new Map<string, ToldRun>();
  const experiments: string[] = [];
  const versions: { name: string; run_id: string; alias?: string }[] = [];
  const asked: string[] = [];
  const refuse = (code: string): never => {
    throw new Error(code);
  };
  const routes: Record<string, (body: Body) => unknown> = {
    'experiments/get-by-name': ({ experiment_name: name }) => {
      const at = experiments.indexOf(String(name));
      return at < 0 ? refuse('RESOURCE_DOES_NOT_EXIST') : { experiment: { experiment_id: String(at) } };
    },
    'experiments/create': ({ name }) => ({ experiment_id: String(experiments.push(String(name)) - 1) }),
    'runs/search': ({ filter }) => {
      const wanted = /= '(.*)'$/.exec(String(filter))?.[1];
      const found = [...runs].filter(([, run]) => run.tags['assay.run'] === wanted);
      return found.length > 0 ? { runs: found.map(([id]) => described(id)) } : {};
    },
    'runs/create': ({ tags }) => {
      const id = `r${runs.size}`;
      const own = Object.fromEntries(
        (tags as { key: string; value: string }[]).map(({ key, value }) => [key, value]),
      );
      runs.set(id, { tags: own, params: {}, metrics: [], artifacts: {}, status: 'RUNNING' });
      return { run: described(id) };
    },
    'runs/log-batch': ({ run_id: id, params = [], metrics = [], tags = [] }) => {
      const run = runs.get(String(id))!;
      for (const { key, value } of params as { key: string; value: string }[]) {
        if ((run.params[key] ?? value) !== value) refuse('INVALID_PARAMETER_VALUE');
        run.params[key] = value;
      }
      run.metrics.push(...(metrics as ToldRun['metrics']));
      for (const { key, value } of tags as { key: string; value: string }[]) run.tags[key] = value;
      return {};
    },
    'runs/update': ({ run_id: id, status }) => {
      runs.get(String(id))!.status = String(status);
      return {};
    },
    'registered-models/create': ({ name }) =>
      versions.some((one) => one.name === name) ? refuse('RESOURCE_ALREADY_EXISTS') : {},
    'model-versions/create': ({ name, run_id: id }) => {
      versions.push({ name: String(name), run_id: String(id) });
      return { model_version: { version: String(versions.length) } };
    },
    'registered-models/alias': ({ alias, version }) => {
      versions[Number(version) - 1]!.alias = String(alias);
      return {};
    },
  };
  const server = createServer((request, response) => {
    void answer(request).then(
      (body) => response.end(JSON.stringify(body)),
      (error: Error) => {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error_code: error.message, message: error.message }));
      },
    );
  });
  async function answer(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${request.headers.authorization ?? ''} ${pathname}`.trim());
    const text = Buffer.concat(chunks).toString();
    const [, run, name] =
      /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/0\/(r\d+)\/artifacts\/(.+)$/.exec(pathname) ?? [];
    if (run !== undefined) return (runs.get(run)!.artifacts[name!] = text);
    const route = routes[pathname.replace('/api/2.0/mlflow/', '')];
    if (!route) throw new Error('ENDPOINT_NOT_FOUND');
    return route(request.method === 'GET' ? Object.fromEntries(searchParams) : (JSON.parse(text) as Body));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...{ runs, versions, asked },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const described = (id: string) => ({
  info: { run_id: id, artifact_uri: `mlflow-artifacts:/0/${id}/artifacts` },
});

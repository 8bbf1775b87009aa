import { z } from 'zod';
import { PlatformError } from '../contracts/errors.js';
import { headline } from '../report/headline.js';
import { flatSettings, roundOf, runSeries, stageScalars, type Tracker } from './tracker.js';

/** What the server takes in one batch. */
const MOST = { params: 100, metrics: 1000, value: 6000 };
const RUN_TAG = 'assay.run';

class MlflowError extends PlatformError {
  override readonly name = 'MlflowError' as const;
}

const Experiment = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const Created = z.object({ experiment_id: z.string() });
const Run = z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) });
const Found = z.object({ runs: z.array(Run).default([]) });

/** A run as MLflow knows it. */
interface Known {
  readonly id: string;
  readonly artifactUri: string;
}

/**
 * MLflow's REST interface: parameters, metrics over rounds, epochs and stages, the report as an artifact, and the
 * registered model. A run is found by its tag, so that many workers tell of one.
 *
 * @param uri `MLFLOW_TRACKING_URI`; user and password in it are sent as the header that MLflow expects
 */
export function mlflowTracker(
  uri: string,
  { experiment = 'assay' }: { readonly experiment?: string } = {},
): Tracker {
  const call = caller(uri);
  let experimentId: Promise<string> | undefined;
  const known = new Map<string, Promise<Known>>();
  const runOf = (runId: string, atMs: number, signal: AbortSignal): Promise<Known> =>
    remembered(known, runId, async () => {
      experimentId ??= findExperiment(call, experiment, signal);
      const id = await experimentId.catch((error: unknown) => {
        experimentId = undefined; // asked again next time
        throw error;
      });
      return findRun(call, id, runId, atMs, signal);
    });
  return {
    name: 'mlflow',
    stage: async ({ runId, path, figures, atMs }, signal) => {
      const metrics = stageScalars({ path, figures }).map(([key, value]) => ({
        ...{ key, value, timestamp: Math.round(atMs), step: roundOf(path) },
      }));
      if (metrics.length === 0) return;
      const { id } = await runOf(runId, atMs, signal);
      await call('POST', 'runs/log-batch', { run_id: id, metrics }, signal);
    },
    finished: async ({ summary, page, atMs }, signal) => {
      const { id, artifactUri } = await runOf(summary.runId, atMs, signal);
      const timestamp = Math.round(atMs);
      const params = flatSettings(summary.config).map(([key, value]) => ({
        key,
        value: value.slice(0, MOST.value),
      }));
      for (let at = 0; at < params.length; at += MOST.params) {
        const batch = { run_id: id, params: params.slice(at, at + MOST.params) };
        await call('POST', 'runs/log-batch', batch, signal);
      }
      const metrics = runSeries(summary).flatMap(({ name, points }) =>
        points.map(([step, value]) => ({ key: metricKey(name), value, timestamp, step })),
      );
      const tags = [
        { key: 'mlflow.note.content', value: headline(summary) },
        { key: 'assay.policy', value: summary.weights.policy },
        {
          key: 'assay.gate',
          value: summary.gate === null ? 'skipped' : summary.gate.promoted ? 'promoted' : 'refused',
        },
      ];
      for (let at = 0; at < metrics.length; at += MOST.metrics) {
        const batch = { run_id: id, metrics: metrics.slice(at, at + MOST.metrics) };
        await call('POST', 'runs/log-batch', batch, signal);
      }
      await call('POST', 'runs/log-batch', { run_id: id, tags }, signal);
      const summaryBytes = new TextEncoder().encode(JSON.stringify(summary));
      await upload(call, artifactUri, 'report.html', page, signal);
      await upload(call, artifactUri, 'summary.json', summaryBytes, signal);
      if (summary.registered) await register(call, summary.registered, { id, artifactUri }, signal);
      await call('POST', 'runs/update', { run_id: id, status: 'FINISHED', end_time: timestamp }, signal);
    },
  };
}

/** One request at a time a key; a failure is forgotten, so that the next call tries anew. */
function remembered<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const before = kept.get(key);
  if (before) return before;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

type Call = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT',
  path: string,
  body: object | Uint8Array,
  signal: AbortSignal,
) => Promise<unknown>;

function caller(uri: string): Call {
  const base = new URL(uri);
  const { username, password } = base;
  base.username = '';
  base.password = '';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization =
    username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return async (method, path, body, signal) => {
    const isBytes = body instanceof Uint8Array;
    const query =
      method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>).toString()}` : '';
    const url = `${base.href.replace(/\/$/, '')}/api/2.0/${isBytes ? '' : 'mlflow/'}${path}${query}`;
    const answer = await fetch(url, {
      method,
      signal,
      headers: {
        ...authorization,
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
      ...(method === 'GET' ? {} : { body: isBytes ? Buffer.from(body) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new MlflowError(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text === '' || isBytes ? {} : (JSON.parse(text) as unknown);
  };
}

async function findExperiment(call: Call, name: string, signal: AbortSignal): Promise<string> {
  try {
    const found = await call('GET', 'experiments/get-by-name', { experiment_name: name }, signal);
    return Experiment.parse(found).experiment.experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowError && error.message.includes('RESOURCE_DOES_NOT_EXIST'))) throw error;
    return Created.parse(await call('POST', 'experiments/create', { name }, signal)).experiment_id;
  }
}

async function findRun(
  call: Call,
  experimentId: string,
  runId: string,
  atMs: number,
  signal: AbortSignal,
): Promise<Known> {
  const filter = `tags.\`${RUN_TAG}\` = '${runId.replaceAll("'", '')}'`;
  const asked = {
    experiment_ids: [experimentId],
    filter,
    order_by: ['attributes.start_time ASC'],
    max_results: 1,
  };
  const [found] = Found.parse(await call('POST', 'runs/search', asked, signal)).runs;
  if (found) return knownOf(found);
  const made = await call(
    'POST',
    'runs/create',
    {
      experiment_id: experimentId,
      start_time: Math.round(atMs),
      run_name: runId,
      tags: [{ key: RUN_TAG, value: runId }],
    },
    signal,
  );
  return knownOf(z.object({ run: Run }).parse(made).run);
}

const knownOf = ({ info }: z.infer<typeof Run>): Known => ({
  id: info.run_id,
  artifactUri: info.artifact_uri,
});

/** By way of the server, which keeps artifacts itself (`mlflow server --serve-artifacts`, the default); else left out. */
async function upload(
  call: Call,
  artifactUri: string,
  name: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const [, path] = /^mlflow-artifacts:\/{1,3}(.*)$/.exec(artifactUri) ?? [];
  if (path !== undefined) await call('PUT', `mlflow-artifacts/artifacts/${path}/${name}`, bytes, signal);
}

/** A version of the registered model, and the alias `champion` where the run became that. */
async function register(
  call: Call,
  { model, promoted }: { readonly model: string; readonly promoted: boolean },
  { id, artifactUri }: Known,
  signal: AbortSignal,
): Promise<void> {
  const name = model.replace(/[/:@].*$/, '');
  await call('POST', 'registered-models/create', { name }, signal).catch((error: unknown) => {
    if (!(error instanceof MlflowError && error.message.includes('RESOURCE_ALREADY_EXISTS'))) throw error;
  });
  const made = await call(
    'POST',
    'model-versions/create',
    { name, source: artifactUri, run_id: id, description: model },
    signal,
  );
  const { model_version: version } = z
    .object({ model_version: z.object({ version: z.string() }) })
    .parse(made);
  if (promoted)
    await call(
      'POST',
      'registered-models/alias',
      { name, alias: 'champion', version: version.version },
      signal,
    );
}

/** MLflow allows letters, digits and _-. :/ in names of metrics: `ndcg@10` becomes `ndcg_at_10`. */
const metricKey = (name: string): string => name.replaceAll('@', '_at_').replace(/[^\w\-. :/]+/g, '_');

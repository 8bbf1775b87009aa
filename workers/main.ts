import { availableParallelism, hostname } from 'node:os';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogLevel,
  type WorkerOptions as TemporalWorkerOptions,
} from '@temporalio/worker';
import { createNotifyActivity } from '../activities/notify.js';
import type { StageObserver } from '../activities/observer.js';
import { createStageActivities, type RunnerDependencies } from '../activities/runner.js';
import type { Stage } from '../activities/stage.js';
import type { EngineInfo } from '../contracts/engine.js';
import { ConfigError } from '../contracts/errors.js';
import { TASK_QUEUE, type Role } from '../contracts/names.js';
import { describeEngine } from '../core/describeEngine.js';
import { dataConverter } from '../infra/temporal/codec.js';
import { connect, connectionSettings, ensureSearchAttributes } from '../infra/temporal/connect.js';
import { openTracing } from '../infra/tracing/open.js';
import type { Tracing } from '../infra/tracing/provider.js';
import type { WorkerConfiguration } from './configuration.js';
import type { ListenAddress } from './address.js';
import { openStageCache } from './dependencies.js';
import { findEngines } from './engines.js';
import { openWorkerLog, type WorkerLog } from './log.js';
import { createWorkerMetrics, prometheusOptions } from './metrics.js';
import { runNotifyCommand } from './notifyCommand.js';
import { ChildPool } from './pool.js';
import { allOf, trackRuns } from './tracking.js';
import { measure, serveHealth } from './watches.js';

export interface RunningWorker {
  /** Settles when all its queues have ended; rejects when the worker failed. */
  readonly ended: Promise<void>;
  /** Takes no more work, gives running stages the grace time, then cancels them (Temporal retries them elsewhere). */
  shutdown(): void;
  /** Process ids of the trainer children. */
  trainerPids(): number[];
}

/** Milliseconds that a cancelled stage gets beyond the grace time before the worker fails. */
const FORCE_AFTER_MS = 10_000;

/**
 * Activities beyond the size of the pool: while children work, the next ones are fetched and looked up in the cache.
 * More would take work away from other machines.
 */
const PREFETCH = 4;

/** Starts a worker for the queues of its roles; resolves when it polls. */
export async function startWorker(configuration: WorkerConfiguration): Promise<RunningWorker> {
  const log = openWorkerLog(configuration.directory, configuration.logLevel, new Date());
  installRuntime(log, configuration.metrics);
  const metrics = configuration.metrics && createWorkerMetrics(Runtime.instance().metricMeter, Date.now);
  const tracing = await openTracing('assay-worker', configuration.environment);
  const { connectionOptions, namespace } = connectionSettings(configuration);
  await prepareNamespace(configuration);
  const connection = await NativeConnection.connect(connectionOptions);
  const converter = dataConverter(configuration.environment);
  const shared = {
    connection,
    namespace,
    identity: identity(configuration.roles),
    ...versioning(configuration),
    ...(tracing ? (await import('../infra/tracing/temporal.js')).workerTracing(tracing) : {}),
    ...(converter ? { dataConverter: converter } : {}),
  };
  const tracking = trackRuns(configuration, log);
  const { pools, dependencies } = await openPools(
    configuration,
    log,
    allOf([metrics?.observer, tracking?.observer]),
    tracing,
  );
  const workers = await Promise.all(
    configuration.roles.map((role) => createWorker(role, configuration, shared, dependencies)),
  );
  for (const pool of pools) pool.warm();
  const watches = [
    ...(metrics ? measure(configuration, { connection, namespace, pools, metrics, log }) : []),
    ...(await serveHealth(configuration, { connection, workers })),
  ];
  const ended = Promise.all(workers.map((worker) => worker.run()))
    .then(() => undefined)
    .finally(async () => {
      watches.forEach((stop) => stop());
      await Promise.all(pools.map((pool) => pool.close()));
      await tracking?.flush();
      await connection.close();
      await tracing?.stop();
    });
  ended.catch((error: unknown) => log('error', 'worker failed', { error: String(error) }));
  log('info', 'worker started', {
    roles: configuration.roles,
    address: connectionOptions.address,
    namespace,
  });
  return {
    ended,
    shutdown: () => {
      workers.filter((worker) => worker.getState() === 'RUNNING').forEach((worker) => worker.shutdown());
      pools.forEach((pool) => pool.handBack());
    },
    trainerPids: () => pools.flatMap((pool) => pool.pids),
  };
}

let runtimeIsInstalled = false;

/** Temporal's runtime is one per process: its log goes into ours, and its signals are ours to handle. */
function installRuntime(log: WorkerLog, metrics: ListenAddress | undefined): void {
  if (runtimeIsInstalled) return;
  runtimeIsInstalled = true;
  const levels: Record<LogLevel, Parameters<WorkerLog>[0]> = {
    TRACE: 'debug',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    ERROR: 'error',
  };
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { workflowId, activityType, error } = (meta ?? {}) as Record<string, unknown>;
    log(levels[level], message, { runId: workflowId, stage: activityType, error: error && String(error) });
  });
  const address = metrics && `${metrics.host}:${metrics.port}`;
  try {
    Runtime.install({
      logger,
      shutdownSignals: [],
      ...(address === undefined
        ? {}
        : { telemetryOptions: { metrics: { prometheus: prometheusOptions(address) } } }),
    });
  } catch (cause) {
    throw new ConfigError(`metrics address ${String(address)}: ${String(cause)}; choose another port`, {
      cause,
    });
  }
}

async function prepareNamespace(configuration: WorkerConfiguration): Promise<void> {
  if (!configuration.roles.includes('workflow')) return;
  const { connection, namespace } = await connect(configuration);
  try {
    await ensureSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

function identity(roles: readonly Role[]): string {
  return `assay-${roles.join('+')}@${hostname()}:${String(process.pid)}`;
}

/** One pool per role that trains. One GPU, one job. */
async function openPools(
  configuration: WorkerConfiguration,
  log: WorkerLog,
  observer: StageObserver | undefined,
  tracing: Tracing | undefined,
): Promise<{ pools: ChildPool[]; dependencies: Map<Role, RunnerDependencies & { size: number }> }> {
  const sizes = { cpu: configuration.processes ?? availableParallelism(), gpu: 1 };
  const dependencies = new Map<Role, RunnerDependencies & { size: number }>();
  const pools: ChildPool[] = [];
  for (const role of configuration.roles) {
    if (role === 'workflow') continue;
    const { engineThreads, environment } = configuration;
    const trainer = { ...configuration.trainer, engine: await findEngines(role, engineThreads, environment) };
    const pool = new ChildPool({
      size: sizes[role],
      settings: trainer,
      log: (line, request) => log('info', line, { runId: request?.runId, path: request?.path }),
      ...(tracing ? { traceparent: tracing.traceparent } : {}),
    });
    pools.push(pool);
    dependencies.set(role, {
      pool,
      cache: await openStageCache(trainer, configuration.codeVersions, (info) => tellEngine(info, log)),
      log: (fields, message) => log('info', message, fields),
      size: sizes[role],
      ...(observer ? { observer } : {}),
    });
  }
  return { pools, dependencies };
}

function tellEngine(info: EngineInfo, log: WorkerLog): void {
  if (info.name === 'native') log('info', `networks are computed by ${describeEngine(info)}`);
  else {
    log(
      'warn',
      `networks are computed by ${describeEngine(info)}, many times slower than TensorFlow, which is not on this machine: ` +
        'type `assay setup` to get it',
    );
  }
}

type Shared = Required<Pick<TemporalWorkerOptions, 'connection' | 'namespace' | 'identity'>> &
  Pick<TemporalWorkerOptions, 'workerDeploymentOptions' | 'interceptors' | 'sinks' | 'dataConverter'>;

/** Runs move on to the deployment's current version by themselves: replay tests see to it that they can. */
function versioning({ deployment }: WorkerConfiguration): Pick<Shared, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return {
    workerDeploymentOptions: {
      ...{ version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
    },
  };
}

async function createWorker(
  role: Role,
  configuration: WorkerConfiguration,
  shared: Shared,
  dependencies: Map<Role, RunnerDependencies & { size: number }>,
): Promise<Worker> {
  const stageDependencies = dependencies.get(role);
  if (role === 'workflow' || stageDependencies === undefined) {
    return Worker.create({
      ...shared,
      taskQueue: TASK_QUEUE.workflow,
      workflowBundle: { codePath: configuration.workflowBundle },
    });
  }
  const module = (await import(configuration.trainer.stagesModule)) as { readonly stages: readonly Stage[] };
  return Worker.create({
    ...shared,
    taskQueue: TASK_QUEUE[role],
    activities: {
      ...createStageActivities(module.stages, stageDependencies),
      ...createNotifyActivity({
        environment: configuration.environment,
        runCommand: runNotifyCommand,
        now: () => new Date(),
      }),
    },
    maxConcurrentActivityTaskExecutions: configuration.concurrency[role] ?? stageDependencies.size + PREFETCH,
    // A cancellation is learned from the answer to a heartbeat: throttled heartbeats would learn it late.
    maxHeartbeatThrottleInterval: 300,
    defaultHeartbeatThrottleInterval: 300,
    shutdownGraceTime: configuration.graceMs,
    shutdownForceTime: configuration.graceMs + FORCE_AFTER_MS,
  });
}

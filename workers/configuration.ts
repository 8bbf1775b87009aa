import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigError } from '../contracts/errors.js';
import type { Role } from '../contracts/names.js';
import type { WorkerSettings } from '../contracts/worker.js';
import { modulePath } from '../infra/modules.js';
import { isTracingOn } from '../infra/tracing/open.js';
import { codecKeys } from '../infra/temporal/codecKeys.js';
import { bundleName } from '../infra/workflowBundles.js';
import { listenAddress, type ListenAddress } from './address.js';
import type { TrainerSettings } from './protocol.js';

/** Everything that a worker process needs to know, settings and environment together. */
export interface WorkerConfiguration {
  readonly roles: readonly Role[];
  readonly address?: string;
  readonly namespace?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly logLevel: string;
  readonly processes?: number;
  readonly concurrency: NonNullable<WorkerSettings['concurrency']>;
  readonly deployment?: WorkerSettings['deployment'];
  /** Of one trainer child. Folds in processes of their own use a machine best: one, unless told otherwise. */
  readonly engineThreads: number;
  readonly workflowBundle: string;
  /** By stage name. */
  readonly codeVersions: Readonly<Record<string, string>>;
  readonly trainer: TrainerSettings;
  readonly metrics?: ListenAddress;
  readonly health?: ListenAddress;
  readonly graceMs: number;
}

const Environment = z.object({
  ASSAY_STORE: z.string().optional(),
  ASSAY_DIRECTORY: z.string().optional(),
  ASSAY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  ASSAY_WORKER_PROCESSES: z.coerce.number().int().positive().optional(),
  ASSAY_ENGINE_THREADS: z.coerce.number().int().positive().default(1),
  ASSAY_TABLE_MEMORY: z
    .string()
    .regex(/^\d+ ?[MG]i?B$/, 'such as 1500MB or 4GB')
    .optional(),
  ASSAY_METRICS_ADDRESS: z.string().optional(),
  ASSAY_HEALTH_ADDRESS: z.string().optional(),
  ASSAY_GRACE_SECONDS: z.coerce.number().nonnegative().default(30),
});

/**
 * Reads the environment, once; settings win over it.
 *
 * @throws ConfigError naming the variable that is wrong, or the build output that is missing
 */
export function workerConfiguration(
  settings: WorkerSettings,
  environment: NodeJS.ProcessEnv,
): WorkerConfiguration {
  const variables = Environment.safeParse(environment);
  if (!variables.success) throw new ConfigError(z.prettifyError(variables.error), { cause: variables.error });
  const { ASSAY_STORE, ASSAY_DIRECTORY, ASSAY_LOG_LEVEL, ASSAY_WORKER_PROCESSES, ASSAY_ENGINE_THREADS } =
    variables.data;
  const { ASSAY_METRICS_ADDRESS, ASSAY_HEALTH_ADDRESS, ASSAY_GRACE_SECONDS, ASSAY_TABLE_MEMORY } =
    variables.data;
  const metrics = settings.metrics ?? ASSAY_METRICS_ADDRESS;
  const health = settings.health ?? ASSAY_HEALTH_ADDRESS;
  const directory = resolve(settings.directory ?? ASSAY_DIRECTORY ?? '.assay');
  const processes = settings.processes ?? ASSAY_WORKER_PROCESSES;
  return {
    roles: settings.roles,
    ...(settings.address === undefined ? {} : { address: settings.address }),
    ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
    ...(processes === undefined ? {} : { processes }),
    concurrency: settings.concurrency ?? {},
    ...(settings.deployment === undefined ? {} : { deployment: settings.deployment }),
    ...(metrics === undefined ? {} : { metrics: listenAddress(metrics, 'metrics address') }),
    ...(health === undefined ? {} : { health: listenAddress(health, 'health address') }),
    graceMs: settings.graceMs ?? ASSAY_GRACE_SECONDS * 1_000,
    environment,
    engineThreads: ASSAY_ENGINE_THREADS,
    directory,
    logLevel: ASSAY_LOG_LEVEL ?? 'info',
    workflowBundle:
      settings.workflowBundle ??
      built(
        `${bundleName({ traced: isTracingOn(environment), encoded: codecKeys(environment) !== undefined })}.js`,
      ),
    codeVersions: settings.codeVersions ?? readCodeVersions(built('code-versions.json')),
    trainer: {
      stagesModule:
        settings.stagesModule ?? pathToFileURL(modulePath(import.meta.url, '../activities/stages')).href,
      storeUri: settings.storeUri ?? ASSAY_STORE ?? join(directory, 'store'),
      scratchDirectory: join(directory, 'scratch'),
      checkpointIntervalMs: settings.checkpointIntervalMs ?? 10_000,
      ...(ASSAY_TABLE_MEMORY === undefined ? {} : { tableMemory: ASSAY_TABLE_MEMORY }),
    },
  };
}

/** Path of something that `npm run build` makes, below dist/. */
function built(name: string): string {
  const fromSource = import.meta.url.endsWith('.ts');
  return resolve(import.meta.dirname, fromSource ? '../dist' : '..', name);
}

function readCodeVersions(path: string): Record<string, string> {
  if (!existsSync(path)) throw new ConfigError(`${path} is missing: type \`npm run build\``);
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

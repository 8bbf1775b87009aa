import { InvalidArgumentError } from 'commander';
import type { Role } from '../../contracts/names.js';
import { TASK_QUEUE } from '../../contracts/names.js';
import type { WorkerSettings } from '../../contracts/worker.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { openServer, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { startWorkerProcess } from '../workerProcess.js';

interface WorkerOptions extends CommonOptions, ServerOptions {
  readonly role: Role[];
  readonly processes?: number;
  readonly concurrency?: NonNullable<WorkerSettings['concurrency']>;
  readonly deployment?: string;
  readonly buildId?: string;
  readonly metrics?: string | true;
  readonly health?: string | true;
  readonly grace?: number;
}

const ROLES = Object.keys(TASK_QUEUE) as Role[];
/** The worker's own code for "starting again won't help". */
const WORKER_CONFIG = 78;

const METRICS_ADDRESS = '127.0.0.1:9464';
const HEALTH_ADDRESS = '127.0.0.1:9465';

/** `assay worker` */
export const worker: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay worker --role workflow,cpu',
      'assay worker --role gpu --address temporal.internal:7233',
      'assay worker --role workflow,cpu,gpu --concurrency cpu=8,gpu=1',
      'assay worker --deployment assay --build-id 1f3c2ab',
      'assay worker --metrics 127.0.0.1:9464 --health 0.0.0.0:8080 --grace 60s',
    ])
      .option('-r, --role <roles>', `which queues it serves: ${ROLES.join(', ')}`, roles, ['workflow', 'cpu'])
      .option(
        '--processes <count>',
        'trainer processes (else ASSAY_WORKER_PROCESSES, else one per core)',
        positive,
      )
      .option(
        '--concurrency <counts>',
        'stages that it takes at once from each queue, waiting ones included: 8, or cpu=8,gpu=1 (else processes + 4)',
        concurrencyOf,
      )
      .option(
        '--deployment <name>',
        'worker deployment whose version it is; needs --build-id (docs/operations.md)',
      )
      .option('--build-id <id>', 'of this version, such as a git commit')
      .option(
        '--metrics [host:port]',
        `where Prometheus scrapes /metrics; ${METRICS_ADDRESS} where none is named (else ASSAY_METRICS_ADDRESS, else off)`,
      )
      .option(
        '--health [host:port]',
        `where /healthz and /readyz answer; ${HEALTH_ADDRESS} where none is named (else ASSAY_HEALTH_ADDRESS, else off)`,
      )
      .option(
        '--grace <time>',
        'what stages without checkpoints get to end after SIGTERM, such as 30s or 5m (else ASSAY_GRACE_SECONDS, else 30s)',
        duration,
      )
      .action(action<WorkerOptions>((_, options, terminal) => serve(options, terminal)));
  },
};

function roles(text: string): Role[] {
  const asked = text.split(',').map((role) => role.trim());
  const wrong = asked.find((role) => !ROLES.includes(role as Role));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`found "${wrong}", expected some of ${ROLES.join(', ')}.`);
  return asked as Role[];
}

/** `8` for every queue, or `cpu=8,gpu=1`. */
function concurrencyOf(text: string): NonNullable<WorkerSettings['concurrency']> {
  if (!text.includes('=')) return { cpu: positive(text), gpu: positive(text) };
  const limits: { cpu?: number; gpu?: number } = {};
  for (const one of text.split(',')) {
    const [queue = '', count = ''] = one.split('=').map((part) => part.trim());
    if (queue !== 'cpu' && queue !== 'gpu')
      throw new InvalidArgumentError(`found "${one}", expected a number, or cpu=8,gpu=1.`);
    limits[queue] = positive(count);
  }
  return limits;
}

function duration(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!found) throw new InvalidArgumentError('expected a time, such as 30s, 5m or 1h.');
  return Number(found[1]) * { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[(found[2] ?? 's') as 's'];
}

/** An option that is a whole number from 1. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number ≥ 1.');
  return value;
}

async function serve(options: WorkerOptions, terminal: Terminal): Promise<number> {
  const { role, processes, concurrency, deployment, buildId, address, namespace } = options;
  const { metrics, health, grace } = options;
  if ((deployment === undefined) !== (buildId === undefined))
    throw new CliError('--deployment and --build-id go together', EXIT.usage);
  // A worker without a server would try for long; say at once that there is none.
  const server = await openServer({
    ...(address === undefined ? {} : { address }),
    ...(namespace === undefined ? {} : { namespace }),
  });
  await server.close();
  const settings: WorkerSettings = {
    roles: role,
    address: server.address,
    namespace: server.namespace,
    ...(processes === undefined ? {} : { processes }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(deployment === undefined || buildId === undefined
      ? {}
      : { deployment: { name: deployment, buildId } }),
    ...(metrics === undefined ? {} : { metrics: metrics === true ? METRICS_ADDRESS : metrics }),
    ...(health === undefined ? {} : { health: health === true ? HEALTH_ADDRESS : health }),
    ...(grace === undefined ? {} : { graceMs: grace }),
  };
  const worker = startWorkerProcess(settings, 'inherit');
  const pass = (signal: NodeJS.Signals): void => worker.stop(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  worker.ready.then(
    () => {
      terminal.json({ ready: true, roles: role, address: server.address, namespace: server.namespace });
      const queues = role.map((one) => TASK_QUEUE[one]).join(', ');
      terminal.aside(`takes work from ${queues} at ${server.address}; Ctrl-C stops it, twice at once`);
    },
    () => undefined,
  );
  const { code, signal } = await worker.ended;
  if (code === 0) return EXIT.ok;
  if (code === WORKER_CONFIG) return EXIT.usage;
  throw new CliError(`the worker ended with ${signal ?? `code ${code ?? 'unknown'}`}`, EXIT.failed, [
    'assay logs --level warn',
    'assay doctor',
  ]);
}

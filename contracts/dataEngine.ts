import { z } from 'zod';

const memory = z.string().regex(/^\d+[mg]$/, 'such as 512m or 8g');

/** Where Spark is, and how much of it a stage takes. What else Spark can be told stands in its own spark-defaults.conf. */
export const SparkSettings = z.strictObject({
  name: z.literal('spark').describe('Apache Spark 4, by `spark-submit`'),
  master: z
    .string()
    .regex(
      /^(local(\[(\d+|\*)\])?|yarn|spark:\/\/\S+|k8s:\/\/\S+)$/,
      'expected local[*], local[4], yarn, spark://HOST:PORT or k8s://https://HOST:PORT',
    )
    .default('local[*]')
    .describe('who runs its tasks: local[*], spark://…, yarn or k8s://…; the driver runs beside the worker'),
  directory: z
    .string()
    .optional()
    .describe(
      'folder for tables under way that the worker and all executors see at one path (NFS, EFS, …); needed unless local',
    ),
  executors: z.int().positive().max(10_000).optional().describe('how many; not for local'),
  executorCores: z.int().positive().max(1024).optional().describe('of one executor; not for local'),
  executorMemory: memory.optional().describe('of one executor: 8g; not for local'),
  driverMemory: memory
    .optional()
    .describe("of the driver, and of everything where it is local; Spark's own: 1g"),
  partitions: z
    .int()
    .positive()
    .max(1_000_000)
    .optional()
    .describe("of a shuffle, before Spark joins small ones; Spark's own: 200"),
});
export type SparkSettings = z.infer<typeof SparkSettings>;

/** What tables are worked on by: a name, or Spark with its settings. */
export const DataEngine = z.union([z.enum(['duckdb', 'spark']), SparkSettings]);
export type DataEngine = z.infer<typeof DataEngine>;

/** Spark's settings, defaults filled in; undefined where the engine is that of the worker's machine. */
export function sparkSettings(engine: DataEngine | undefined): SparkSettings | undefined {
  if (engine === undefined || engine === 'duckdb') return undefined;
  return engine === 'spark' ? SparkSettings.parse({ name: engine }) : engine;
}

/** Whether Spark's tasks run in the driver itself. */
export const isLocal = ({ master }: SparkSettings): boolean => master.startsWith('local');

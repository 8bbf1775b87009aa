import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why tests with Spark are skipped; false where they are not. */
export const skipSpark =
  process.env['ASSAY_PEERS'] === '1'
    ? false
    : 'takes Spark from the Python package index and Java 17: `npm run test:peers`; Spark was NOT asked';

/** Python with PySpark 4: the one that ASSAY_PYTHON names, else a new virtual environment in `folder`. */
export async function pythonWithSpark(folder: string): Promise<string> {
  const named = process.env['ASSAY_PYTHON'];
  if (named) return named;
  await run('python3', ['-m', 'venv', folder]);
  const python = join(folder, 'bin', 'python3');
  await run(python, ['-m', 'pip', '-q', 'install', '--retries', '10', 'pyspark==4.0.1'], {
    timeout: 900_000,
  });
  return python;
}

/** Makes this process find that Python's Spark. @returns where it is */
export async function useSpark(python: string): Promise<string> {
  const { stdout } = await run(python, ['-c', 'import pyspark; print(pyspark.__file__)']);
  const home = dirname(stdout.trim());
  Object.assign(process.env, { SPARK_HOME: home, PYSPARK_PYTHON: python });
  return home;
}

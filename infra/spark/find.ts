import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MissingToolError } from '../../contracts/errors.js';
import { findOnPath } from '../temporal/findServer.js';

/** What starts our job on Spark: paths of `spark-submit`, of the job, and of the modules that it imports. */
export interface SparkInstallation {
  readonly submit: string;
  readonly job: string;
  readonly modules: readonly string[];
}

/**
 * Finds `spark-submit`: below SPARK_HOME, else on the PATH.
 *
 * @throws MissingToolError saying what to install
 */
export function findSpark(environment: NodeJS.ProcessEnv): SparkInstallation {
  const home = environment['SPARK_HOME'];
  const submit = home ? join(home, 'bin', 'spark-submit') : findOnPath('spark-submit', environment);
  if (submit === undefined || !existsSync(submit)) {
    throw new MissingToolError(
      `dataEngine spark: spark-submit is not ${home ? `in ${join(home, 'bin')} (SPARK_HOME)` : 'on the PATH, and SPARK_HOME is not set'}. ` +
        'Install Spark 4 and Java 17 on this worker (python3 -m pip install pyspark==4.0.1), or leave dataEngine out',
    );
  }
  const modules = ['javascript.py', 'texts.py'].map(pythonFile);
  return { submit, job: pythonFile('job.py'), modules };
}

/** The compiler leaves them where they are: beside this file's source. */
function pythonFile(name: string): string {
  const root = import.meta.url.endsWith('.ts') ? '../..' : '../../..';
  return resolve(import.meta.dirname, root, 'infra/spark', name);
}

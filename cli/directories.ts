import { isAbsolute, join, resolve } from 'node:path';

/** Where this machine's Assay keeps things. */
export interface Directories {
  /** ASSAY_DIRECTORY, else `.assay` below the working directory. */
  readonly root: string;
  /** ASSAY_STORE (a folder or `s3://…`), else `store` below the root. */
  readonly storeUri: string;
  readonly logs: string;
  readonly reports: string;
  /** Tables made for runs over built-in sets, and the truth about them. */
  readonly data: string;
  /** What finished runs left, so that reports need no server. */
  readonly records: string;
}

/** Reads the environment, once per command. */
export function directories(environment: NodeJS.ProcessEnv = process.env): Directories {
  const root = resolve(environment['ASSAY_DIRECTORY'] || '.assay');
  return {
    root,
    storeUri: environment['ASSAY_STORE'] || join(root, 'store'),
    logs: join(root, 'logs'),
    reports: join(root, 'reports'),
    data: join(root, 'data'),
    records: join(root, 'runs'),
  };
}

/** A workflow id as a file name. */
export const fileNameOf = (runId: string): string => runId.replace(/[^a-zA-Z0-9_.-]+/g, '_');

/** A source that any worker on this machine finds: local paths become absolute, URIs stay. */
export const absoluteSource = (source: string, from: string = process.cwd()): string =>
  /^[a-z][a-z0-9+.-]*:/i.test(source) || isAbsolute(source) ? source : resolve(from, source);

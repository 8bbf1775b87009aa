/** Second half of `npm run build`, after the compiler: workflow bundle and code versions, into dist/. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closureHash, codeVersions, engineCodeVersion } from './codeVersions.js';
import type { LockFile } from './lockedVersions.js';
import { ModuleGraph } from './moduleGraph.js';

const dist = resolve(import.meta.dirname, '../..');
const lock = JSON.parse(readFileSync(resolve(dist, '../package-lock.json'), 'utf8')) as LockFile;

const request = { root: dist, ending: '.js', lock } as const;
const versions = { ...codeVersions(request), engine: engineCodeVersion(request) };
writeFileSync(join(dist, 'code-versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
await bundleWorkflows();

/** Bundling takes seconds: skipped where neither the workflows nor Temporal's packages have changed. */
async function bundleWorkflows(): Promise<void> {
  const entry = join(dist, 'workflows/index.js');
  const bundle = join(dist, 'workflow-bundle.js');
  const stamp = join(dist, 'workflow-bundle.sha256');
  const inputs = closureHash(new ModuleGraph(), [entry], { root: dist, lock });
  if (existsSync(bundle) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger });
  writeFileSync(bundle, code);
  writeFileSync(stamp, inputs);
}

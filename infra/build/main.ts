/** Second half of `npm run build`, after the compiler: workflow bundles and code versions, into dist/. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closureHash, codeVersions, engineCodeVersion } from './codeVersions.js';
import type { LockFile } from './lockedVersions.js';
import { failureConverterPath } from '../temporal/codec.js';
import { bundleName, type BundleKind } from '../workflowBundles.js';
import { TRACING_MODULES } from '../tracing/open.js';
import { ModuleGraph } from './moduleGraph.js';

const dist = resolve(import.meta.dirname, '../..');
const lock = JSON.parse(readFileSync(resolve(dist, '../package-lock.json'), 'utf8')) as LockFile;

const request = { root: dist, ending: '.js', lock } as const;
const versions = { ...codeVersions(request), engine: engineCodeVersion(request) };
writeFileSync(join(dist, 'code-versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
// Whoever asks for no spans, and no encryption, doesn't load what makes them.
for (const traced of [false, true])
  for (const encoded of [false, true]) await bundleWorkflows({ traced, encoded });

/** Bundling takes seconds: skipped where neither the workflows nor Temporal's packages have changed. */
async function bundleWorkflows(kind: BundleKind): Promise<void> {
  const entry = join(dist, 'workflows/index.js');
  const bundle = join(dist, `${bundleName(kind)}.js`);
  const stamp = join(dist, `${bundleName(kind)}.sha256`);
  const inputs = closureHash(new ModuleGraph(), [entry], { root: dist, lock });
  if (existsSync(bundle) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    workflowInterceptorModules: kind.traced ? TRACING_MODULES : [],
    ...(kind.encoded ? { failureConverterPath: failureConverterPath() } : {}),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(bundle, code);
  writeFileSync(stamp, inputs);
}

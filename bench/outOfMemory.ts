import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { featurize } from '../activities/featurize.js';
import { fit } from '../activities/fit.js';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { Artifacts, StageOutput } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import { vectors } from '../core/table.js';
import { createStageContexts } from '../storage/context.js';
import { openStore } from '../storage/open.js';
import { FEATURES, featurizeParams, TITLE_COLUMNS, titles } from './madeUpTitles.js';
import { runOurs } from './peer.js';

// Featurize and a linear fit of tables in memory and out of it, in a process each: `npm run bench -- outOfMemory [ROWS]
// [tfidf | hashed]`.

const ALL = { signal: new AbortController().signal, progress: () => undefined };
type Way = 'memory' | 'parts';

async function contextIn(folder: string, way: Way) {
  const store = await openStore(join(folder, 'store'));
  const contexts = createStageContexts(store, {
    scratchDirectory: join(folder, 'scratch'),
    inMemoryBytes: way === 'parts' ? 0 : Infinity,
  });
  return contexts(randomBytes(32).toString('hex'), ALL); // nobody else's checkpoints
}

/** Accuracy of predictions of the validation rows, and their sum: to be compared. */
async function judged(artifacts: ArtifactStore, made: Artifacts, samples: ArtifactRef) {
  const targets: number[] = [];
  for await (const batch of artifacts.readTable(samples))
    targets.push(...(batch.columns['target'] as Int32Array));
  let [right, rows, sum] = [0, 0, 0];
  for await (const batch of artifacts.readTable(made['predictions']![0]!)) {
    const { values, width } = vectors(batch, 'logits');
    const row = batch.columns['row'] as Int32Array;
    for (let i = 0; i < batch.rows; i++) {
      const own = values.subarray(i * width, (i + 1) * width);
      right += Number(own.indexOf(Math.max(...own)) === targets[row[i]!]);
      sum += Math.abs(own[0]!);
      rows++;
    }
  }
  return { accuracy: right / rows, sum };
}

async function measure(stage: string, way: Way, folder: string, given: string): Promise<void> {
  const context = await contextIn(folder, way);
  const inputs = JSON.parse(given) as Artifacts;
  const { user, system } = process.cpuUsage();
  const startMs = performance.now();
  let output: StageOutput;
  if (stage === 'fit') {
    const model = { name: 'linear', fromDisk: way === 'parts' ? 'always' : 'never' };
    const params = fit.paramsSchema.parse({
      ...{ task: 'classification', model, strengths: [1], scheme: { seed: 1, outerFolds: 2 }, unit: -1 },
      ...{ policy: 'uniform', keepModels: false, shuffled: false },
    });
    output = await fit.run({ path: 'fit', seed: 1, params, inputs }, context);
  } else {
    const params = featurizeParams(stage as keyof typeof FEATURES);
    output = await featurize.run({ path: 'featurize', seed: 1, params, inputs }, context);
  }
  const used = process.cpuUsage();
  const figures = {
    cpu: (used.user + used.system - user - system) / 1e6,
    seconds: (performance.now() - startMs) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
    ...(stage === 'fit' ? await judged(context.artifacts, output.outputs, inputs['samples']![0]!) : {}),
  };
  console.log(JSON.stringify({ ...figures, outputs: output.outputs }));
}

type Measured = Record<string, number> & { readonly outputs: Artifacts };

function compare(stage: string, folder: string, inputs: Artifacts): Record<Way, Measured> {
  const run = (way: Way): Measured =>
    runOurs(fileURLToPath(import.meta.url), [stage, way, folder, JSON.stringify(inputs)]) as Measured;
  const [memory, parts] = [run('memory'), run('parts')];
  const same = JSON.stringify(memory.outputs) === JSON.stringify(parts.outputs);
  const result =
    stage === 'fit'
      ? `${memory['accuracy']!.toFixed(4)} and ${parts['accuracy']!.toFixed(4)} right, sums within ${Math.abs(parts['sum']! / memory['sum']! - 1).toExponential(0)}`
      : same
        ? 'same bytes'
        : 'DIFFER';
  const cells = [memory, parts].map(
    ({ cpu, seconds, peakMb }) => `${cpu!.toFixed(1)} | ${seconds!.toFixed(1)} | ${peakMb!.toFixed(0)}`,
  );
  console.log(`| ${stage} | ${cells.join(' | ')} | ${result} |`);
  return { memory, parts };
}

const [first, second, folder, given] = process.argv.slice(2);
if (given !== undefined) {
  await measure(first!, second as Way, folder!, given);
} else {
  const rows = Number(first ?? 1_000_000);
  const place = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const { artifacts } = await contextIn(place, 'parts');
  const dataset = [await artifacts.writeTable('dataset', TITLE_COLUMNS, titles(rows))];
  console.log(
    `${rows.toLocaleString('en')} rows; Node ${process.version}, load average ${loadavg()[0]!.toFixed(1)}\n`,
  );
  console.log('| stage | in memory: CPU s | s | peak MB | in parts: CPU s | s | peak MB | result |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const kind of second === undefined ? Object.keys(FEATURES) : [second]) {
    const { parts } = compare(kind, place, { dataset });
    compare('fit', place, parts.outputs);
  }
  rmSync(place, { recursive: true });
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tensorboardTracker } from '../../tracking/tensorboard.js';
import { sampleSummary } from '../fixtures/summary.js';

const PYTHON = process.env['ASSAY_TENSORBOARD_PYTHON'] ?? 'python3';

/** Why the official reader is not there, or false. */
function missing(): string | false {
  try {
    execFileSync(PYTHON, ['-c', 'import tensorboard'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no tensorboard for python3: `pip install tensorboard`, or name a Python by ASSAY_TENSORBOARD_PYTHON; event files were NOT read back';
  }
}

/** Everything in a folder, as TensorBoard's own reader gives it. */
const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'histograms': 0, 'tensors': 0})
read.Reload()
tags = read.Tags()
print(json.dumps({
  'scalars': {tag: [[e.step, e.value, e.wall_time] for e in read.Scalars(tag)] for tag in tags['scalars']},
  'histograms': {tag: [[e.step, e.histogram_value.num, list(e.histogram_value.bucket)] for e in read.Histograms(tag)] for tag in tags['histograms']},
  'tensors': {tag: [e.tensor_proto.string_val[0].decode() for e in read.Tensors(tag)] for tag in tags['tensors']},
}))`;

interface Found {
  readonly scalars: Readonly<Record<string, [step: number, value: number, wallTime: number][]>>;
  readonly histograms: Readonly<Record<string, [step: number, num: number, bucket: number[]][]>>;
  readonly tensors: Readonly<Record<string, string[]>>;
}

describe('TensorBoard reads what is written', { skip: missing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-tensorboard-'));
  const summary = sampleSummary();
  let found: Found;
  before(async () => {
    const tracker = tensorboardTracker(folder);
    const signal = AbortSignal.timeout(60_000);
    const { runId } = summary;
    await tracker.stage(
      { runId, path: 'train.choose', figures: { metric: 0.84, policy: 'uniform' }, atMs: 1000 },
      signal,
    );
    await tracker.stage({ runId, path: 'loop.1.choose', figures: { metric: 0.86 }, atMs: 2000 }, signal);
    await tracker.finished({ summary, page: new Uint8Array(), atMs: 3000 }, signal);
    const [own] = readdirSync(folder);
    const said = execFileSync(PYTHON, ['-c', READ, join(folder, own!)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    found = JSON.parse(said.toString()) as Found;
  });
  after(() => rmSync(folder, { recursive: true }));

  it('stages as they end: numbers under their stage, by round', () => {
    assert.deepEqual(
      found.scalars['train/choose/metric']?.map(([step, , wallTime]) => [step, wallTime]),
      [[0, 1]],
    );
    const [point] = found.scalars['loop/choose/metric']!;
    assert.equal(point![0], 1);
    assert.ok(Math.abs(point![1] - 0.86) < 1e-6);
    assert.equal(found.scalars['train/choose/policy'], undefined);
  });

  it('rounds, epochs and test metrics', () => {
    const rounds = found.scalars['rounds/accuracy']!.map(([step, value]) => [step, Number(value.toFixed(4))]);
    assert.deepEqual(
      rounds,
      summary.rounds.map(({ round, metric }) => [round, metric]),
    );
    const losses = found.scalars['epochs/loss/weighted']!.map(([, value]) => Number(value.toFixed(2)));
    const curve = summary.detail!.learning[1]!;
    assert.deepEqual(losses, curve.losses);
    const points = (name: string) =>
      found.scalars[name]!.map(([step, value]) => [step, Number(value.toFixed(3))]);
    assert.deepEqual(
      points('epochs/validation_accuracy/weighted'),
      curve.qualities.map((value, at) => [at + 1, value]),
    );
    assert.deepEqual(points('epochs/validation_accuracy_kept/weighted'), [[6, 0.864]]); // where training stopped early
    assert.ok(Math.abs(found.scalars['test/accuracy/weighted']![0]![1] - 0.8702) < 1e-6);
  });

  it('histograms of scores and weights, bin by bin', () => {
    const [weights] = found.histograms['weights']!;
    const counts = summary.weights.histogram.map(({ count }) => count);
    assert.deepEqual(weights![2], counts);
    assert.equal(
      weights![1],
      counts.reduce((sum, count) => sum + count, 0),
    );
    assert.equal(found.histograms['scores']!.length, 1);
  });

  it('the result and the settings as text', () => {
    assert.match(found.tensors['result']![0]!, /accuracy 0\.870 on the test split/);
    assert.match(found.tensors['settings']![0]!, /\| loop\.outerFolds \| 3 \|/);
  });
});

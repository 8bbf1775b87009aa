import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { writeFeatureParts } from '../../activities/featureTable.js';
import { SAMPLE_COLUMNS } from '../../activities/sampleColumns.js';
import { ArtifactRef } from '../../contracts/artifact.js';
import type { CsrMatrix } from '../../contracts/matrix.js';
import type { Artifacts } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { seeded } from '../../core/random.js';
import { vectors } from '../../core/table.js';
import { inheritedNodeFlags, modulePath } from '../../infra/modules.js';
import { openWorkplace, type Workplace } from './bothWays.js';

const [ROWS, ENTRIES, FEATURES] = [120_000, 40, 20_000];
const PER_BATCH = 10_000;
const MATRIX_MB = (8 * ROWS * ENTRIES) / 2 ** 20;

/** Rows of distinct features, whose class is told by the sign of their sum under a hidden vector. */
function* madeUp(): Generator<{ readonly matrix: CsrMatrix; readonly targets: Int32Array }> {
  const random = seeded(3, 'fitFromDisk');
  const hidden = Float64Array.from({ length: FEATURES }, () => random.normal());
  for (let from = 0; from < ROWS; from += PER_BATCH) {
    const indices = new Int32Array(PER_BATCH * ENTRIES);
    const values = new Float32Array(PER_BATCH * ENTRIES);
    const targets = new Int32Array(PER_BATCH);
    for (let row = 0; row < PER_BATCH; row++) {
      let sum = random.normal();
      for (let e = 0; e < ENTRIES; e++) {
        const at = row * ENTRIES + e;
        indices[at] = Math.floor((e * FEATURES) / ENTRIES) + random.below(FEATURES / ENTRIES);
        values[at] = 0.1 + 0.2 * random.next();
        sum += values[at]! * hidden[indices[at]!]!;
      }
      targets[row] = Number(sum > 0);
    }
    const indptr = Int32Array.from({ length: PER_BATCH + 1 }, (_, row) => row * ENTRIES);
    yield { matrix: { rows: PER_BATCH, cols: FEATURES, indptr, indices, values }, targets };
  }
}

async function stored({ artifacts }: StageContext): Promise<Artifacts> {
  const targets: Int32Array[] = [];
  async function* inputs() {
    for (const batch of madeUp()) {
      targets.push(batch.targets);
      yield await Promise.resolve({ kind: 'sparse' as const, matrix: batch.matrix });
    }
  }
  const features = await writeFeatureParts(artifacts, 'sparse', inputs());
  const row = Int32Array.from({ length: ROWS }, (_, i) => i);
  const columns = {
    ...{ row, id: Array.from(row, (i) => `r${i}`), split: row.map((i) => Number(i % 10 === 9)) },
    ...{ target: Int32Array.from(targets.flatMap((own) => [...own])), group: row, cluster: row },
  };
  const samples = await artifacts.writeTable('samples', SAMPLE_COLUMNS, [{ rows: ROWS, columns }]);
  const specs = [
    { name: 'code', type: 'int32' },
    { name: 'name', type: 'utf8' },
  ] as const;
  const names = { rows: 2, columns: { code: Int32Array.of(0, 1), name: ['no', 'yes'] } };
  return {
    ...{ features: [features], samples: [samples] },
    classes: [await artifacts.writeTable('classes', specs, [names])],
  };
}

describe('a linear fit of features on disk', () => {
  let workplace: Workplace;
  let context: StageContext;
  let inputs: Artifacts;
  before(async () => {
    workplace = await openWorkplace();
    context = workplace.contexts({}).small;
    inputs = await stored(context);
  });
  after(() => workplace.close());

  function fitted(fromDisk: 'always' | 'never'): { peakMb: number; predictions: ArtifactRef } {
    const script = modulePath(import.meta.url, './fitChild');
    const args = [workplace.folder, fromDisk, JSON.stringify(inputs)];
    const told = execFileSync(process.execPath, [...inheritedNodeFlags(), script, ...args], {
      encoding: 'utf8',
    });
    const { peakMb, predictions } = JSON.parse(told) as Record<string, unknown>;
    return { peakMb: Number(peakMb), predictions: ArtifactRef.parse(predictions) };
  }
  async function logitsOf(ref: ArtifactRef): Promise<number[]> {
    const found: number[] = [];
    for await (const batch of context.artifacts.readTable(ref))
      found.push(...vectors(batch, 'logits').values);
    return found;
  }

  it('predicts what a fit in memory predicts, and never holds the matrix', async () => {
    const [disk, memory] = [fitted('always'), fitted('never')];
    const [found, wanted] = [await logitsOf(disk.predictions), await logitsOf(memory.predictions)];
    assert.equal(found.length, wanted.length);
    const apart = Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)));
    assert.ok(apart < 0.01, `logits differ by ${apart}`);
    const saved = memory.peakMb - disk.peakMb;
    assert.ok(saved > 2 * MATRIX_MB, `${disk.peakMb} MB from disk, ${memory.peakMb} MB in memory`);
  });
});

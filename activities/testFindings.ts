import type { RunDetail } from '../contracts/detail.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { averagePrecision, precisionByRecall } from '../core/metrics/index.js';
import { softmaxRows } from '../core/probability.js';
import { compareSlices } from '../core/slices/compareSlices.js';
import { gather, integers, pickRows, texts, vectors } from '../core/table.js';
import { taskOf } from '../core/tasks/index.js';
import { only } from './prepared.js';
import { readSome } from './rowSource.js';
import type { Ground } from './runDetail.js';
import { sliceColumnNames, sliceColumns } from './sliceColumns.js';

const SLICES_SHOWN = 200;

type TestFindings = Pick<RunDetail, 'precisionRecall' | 'slices'>;

/** Of the test split, which the analysis has opened. */
export async function testFindings(ground: Ground, { artifacts }: StageContext): Promise<TestFindings> {
  const { shards, samples, metric, task, inputs, columns, slices } = ground;
  const [ref] = shards.find(({ path }) => path === 'analyse')?.entry.outputs['predictions'] ?? [];
  if (!ref || metric === undefined) return { precisionRecall: [], slices: { found: 0, shown: [] } };
  const table = await gather(artifacts.readTable(ref));
  const { width } = vectors(table, 'logits');
  const armRows = (name: string): Int32Array =>
    Int32Array.from(texts(table, 'arm').keys()).filter((i) => texts(table, 'arm')[i] === name);
  const weighted = pickRows(table, armRows('weighted'));
  const uniform = armRows('uniform');
  const rows = integers(weighted, 'row');
  const targets = rows.map((row) => samples.targets[row]!);
  const groups = rows.map((row) => samples.groups[row]!);
  const learned = taskOf(task);
  const units = learned.unitsOf({ targets, groups }); // what is judged as a whole
  const meritsOf = (batch: ColumnBatch): Float64Array =>
    learned.merit(
      {
        targets,
        groups,
        logits: { rows: rows.length, cols: width, values: vectors(batch, 'logits').values },
      },
      metric,
    );
  const names = sliceColumnNames(columns, slices.columns);
  const judged = await readSome(artifacts, only(inputs, 'dataset'), rows, ['id', ...names]);
  const all = compareSlices(
    {
      columns: sliceColumns(pickRows(judged, units), columns, slices.columns),
      minSupport: slices.minSupport,
      pairs: slices.pairs,
    },
    {
      weighted: meritsOf(weighted),
      uniform: meritsOf(uniform.length > 0 ? pickRows(table, uniform) : weighted),
    },
  );
  const probabilities = softmaxRows(vectors(weighted, 'logits').values, width);
  return {
    precisionRecall:
      width === samples.classes.length ? classCurves(samples.classes, targets, probabilities) : [],
    slices: { found: all.length, shown: all.slice(0, SLICES_SHOWN) },
  };
}

/** Precision against recall of each class, the hardest first. */
function classCurves(
  classes: readonly string[],
  targets: Int32Array,
  probabilities: Float64Array,
): RunDetail['precisionRecall'] {
  return classes
    .map((name, code) => {
      const scores = Float64Array.from(targets, (_, i) => probabilities[i * classes.length + code]!);
      const positives = targets.map((target) => (target === code ? 1 : 0));
      return {
        name,
        support: positives.reduce((sum, one) => sum + one, 0),
        averagePrecision: averagePrecision(scores, positives),
        precisions: Array.from(
          precisionByRecall(scores, positives),
          (value) => Math.round(value * 1e4) / 1e4,
        ),
      };
    })
    .filter(({ support }) => support > 0)
    .sort((a, b) => a.averagePrecision - b.averagePrecision);
}

import { DataError } from '../contracts/errors.js';
import type { CsrMatrix, Tensor } from '../contracts/matrix.js';
import type { DatasetConfig, FeaturesConfig } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import { auditSamples, type Audit } from '../core/audit/auditSamples.js';
import { evidenceOf } from '../core/choice/evidenceStrength.js';
import { poolLogits, type PathLogits } from '../core/choice/pooling.js';
import { nearDuplicateClusters } from '../core/duplicates/nearDuplicates.js';
import { textColumn } from '../core/features/columns.js';
import { fitFeaturizer, transform } from '../core/features/featurizer.js';
import { groupedStratifiedFolds, unionGroups } from '../core/folds.js';
import { selectRows } from '../core/sparse.js';
import { texts } from '../core/table.js';
import { taskByName } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import { readLabelled, type LabelledFile } from './readLabelled.js';

export interface AuditSettings {
  readonly dataset: DatasetConfig;
  readonly features: FeaturesConfig;
  readonly folds: number;
  readonly seed: number;
  /** Grid of the linear model's C, strongest regularisation first. */
  readonly strengths: readonly number[];
}

export interface AuditedFile extends LabelledFile {
  readonly classes: readonly string[];
  readonly targets: Int32Array; // (n,)
  readonly clusters: Int32Array; // (n,)
  readonly audit: Audit;
  /** C that the out-of-fold predictions were made with. */
  readonly strength: number;
}

/** What an audit needs of a stage's context. */
export type AuditContext = Pick<StageContext, 'sources' | 'signal' | 'progress'>;

const THRESHOLD = 0.9; // Jaccard similarity of near-duplicates

/**
 * Judges the labels and rows of any labelled table: out-of-fold predictions of a linear model, then all checks.
 *
 * @throws DataError where there are too few rows, classes or features to judge by
 */
export async function auditFile(settings: AuditSettings, context: AuditContext): Promise<AuditedFile> {
  const file = await readLabelled(settings.dataset, context);
  const task = taskByName('classification');
  const { classes, codes: targets } = task.encode(texts(file.batch, 'target'));
  const clusters = clustersOf(file, settings);
  const featurizer = fitFeaturizer([file.batch], settings.dataset.columns, settings.features);
  if (featurizer.width === 0) {
    throw new DataError(
      'no feature is left: name the columns that describe a row (--text, --categorical, …)',
    );
  }
  const matrix = transform(featurizer, file.batch);
  const { evidence, strength } = await outOfFold(matrix, targets, classes, groupsOf(file, clusters), {
    ...settings,
    ...context,
  });
  const audit = auditSamples({
    targets,
    outputs: classes.length,
    logits: evidence.logits!,
    matrix,
    clusters,
    seed: settings.seed,
  });
  return { ...file, classes, targets, clusters, audit, strength };
}

function clustersOf({ batch }: LabelledFile, { dataset }: AuditSettings): Int32Array {
  const { text, attributes } = dataset.columns;
  const columns = [...text, ...attributes];
  if (columns.length === 0) return Int32Array.from({ length: batch.rows }, (_, row) => row);
  const parts = columns.map((name) => textColumn(batch, name));
  const joined = Array.from({ length: batch.rows }, (_, row) =>
    parts.map((part) => part[row] ?? '').join(' '),
  );
  return nearDuplicateClusters(joined, THRESHOLD);
}

/** Rows of one group or cluster are never on both sides of a fold. */
function groupsOf({ batch }: LabelledFile, clusters: Int32Array): Int32Array {
  if (!batch.columns['group']) return clusters;
  const first = new Map<string, number>();
  const groups = Int32Array.from(texts(batch, 'group'), (name, row) => {
    if (name === null) return row;
    if (!first.has(name)) first.set(name, row);
    return first.get(name)!;
  });
  return unionGroups(groups, clusters);
}

/** Out-of-fold logits at the strength that predicts given labels best. */
async function outOfFold(
  matrix: CsrMatrix,
  targets: Int32Array,
  classes: readonly string[],
  groups: Int32Array,
  { folds, seed, strengths, progress, signal }: AuditSettings & AuditContext,
) {
  const model = modelByName('linear');
  const rows = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const outputs = classes.length;
  const fold = groupedStratifiedFolds({ rows, targets, groups, folds, seed, classes, missingClass: 'allow' });
  const parts: PathLogits[] = [];
  for (let held = 0; held < folds; held++) {
    const training = rows.filter((row) => fold[row] !== held);
    const heldOut = rows.filter((row) => fold[row] === held);
    const set = {
      input: { kind: 'sparse' as const, matrix: selectRows(matrix, training) },
      targets: training.map((row) => targets[row]!),
      outputs,
      sampleWeights: new Float64Array(training.length).fill(1),
    };
    const input = { kind: 'sparse' as const, matrix: selectRows(matrix, heldOut) };
    const byStrength: Float64Array[] = [];
    let warmStart: readonly Tensor[] | undefined;
    for (const [s, C] of strengths.entries()) {
      const fitted = await model.fit(set, model.paramsSchema.parse({ C }), {
        seed,
        ...(warmStart ? { warmStart } : {}),
        sinks: { signal, breathe: () => new Promise<void>((resolve) => setImmediate(resolve)) },
      });
      warmStart = fitted.tensors();
      byStrength.push(fitted.predictLogits(input));
      progress({ done: held * strengths.length + s + 1, total: folds * strengths.length, unit: 'fits' });
    }
    parts.push({ rows: heldOut, byStrength });
  }
  const byStrength = poolLogits(parts, rows, outputs);
  const task = taskByName('classification');
  return evidenceOf({ task, metric: 'accuracy', targets, outputs, strengths, byStrength }, fold);
}

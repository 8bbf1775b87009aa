import { DataError } from '../contracts/errors.js';
import type { CsrMatrix, Tensor } from '../contracts/matrix.js';
import type { FeaturesConfig } from '../contracts/featureSettings.js';
import type { DatasetConfig } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import { auditSamples, type Audit } from '../core/audit/auditSamples.js';
import { outOfFoldEvidence, type FitPath } from '../core/choice/outOfFold.js';
import { fitFeaturizer, transform } from '../core/features/featurizer.js';
import { groupedStratifiedFolds, unionGroups } from '../core/folds.js';
import { selectRows } from '../core/sparse.js';
import { texts } from '../core/table.js';
import { taskByName } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import { textClusters } from './grouping.js';
import { userGroups } from './userGroups.js';
import { readLabelled, type LabelledFile } from './readLabelled.js';

export interface AuditSettings {
  readonly dataset: DatasetConfig;
  readonly features: FeaturesConfig;
  readonly folds: number;
  readonly seed: number;
  /** Grid of the linear model's C, strongest regularisation first. */
  readonly strengths: readonly number[];
  /** How often the predictions are made again by models that were trained with their noise posterior. */
  readonly refinements: number;
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
  const { text, attributes } = settings.dataset.columns;
  const clusters = textClusters(file.batch, [...text, ...attributes], THRESHOLD);
  const featurizer = fitFeaturizer([file.batch], settings.dataset.columns, settings.features);
  if (featurizer.width === 0) {
    throw new DataError(
      'no feature is left: name the columns that describe a row (--text, --categorical, …)',
    );
  }
  const matrix = transform(featurizer, file.batch);
  const groups = unionGroups(userGroups(file.batch), clusters); // never on both sides of a fold
  const { evidence, strength } = await outOfFold(
    matrix,
    { targets, groups, classes },
    {
      ...settings,
      ...context,
    },
  );
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

/** Out-of-fold logits of a linear model at the strength that predicts given labels best. */
function outOfFold(
  matrix: CsrMatrix,
  samples: { readonly targets: Int32Array; readonly groups: Int32Array; readonly classes: readonly string[] },
  { folds, seed, strengths: grid, refinements, progress, signal }: AuditSettings & AuditContext,
) {
  const model = modelByName('linear');
  const { targets, classes } = samples;
  const outputs = classes.length;
  const rows = Int32Array.from(targets.keys());
  let fits = 0;
  const total = folds * (grid.length + refinements + Math.min(refinements, 1)); // or less
  const fit: FitPath = async ({ training, heldOut }, sampleWeights, strengths = grid) => {
    const set = {
      input: { kind: 'sparse' as const, matrix: selectRows(matrix, training) },
      targets: training.map((row) => targets[row]!),
      ...{ outputs, sampleWeights },
    };
    const input = { kind: 'sparse' as const, matrix: selectRows(matrix, heldOut) };
    const byStrength: Float64Array[] = [];
    let warmStart: readonly Tensor[] | undefined;
    for (const C of strengths) {
      const fitted = await model.fit(set, model.paramsSchema.parse({ C }), {
        seed,
        ...(warmStart ? { warmStart } : {}),
        sinks: { signal, breathe: () => new Promise<void>((resolve) => setImmediate(resolve)) },
      });
      warmStart = fitted.tensors();
      byStrength.push(fitted.predictLogits(input));
      progress({ done: ++fits, total, unit: 'fits' });
    }
    return byStrength;
  };
  const settings = {
    task: taskByName('classification'),
    metric: 'accuracy',
    outputs,
    strengths: grid,
    innerFolds: folds,
    ...{ refinements, minEffectiveSampleSize: 0.3, duplicateCap: 1 },
  };
  const byRow = groupedStratifiedFolds({ ...samples, rows, folds, seed, missingClass: 'allow' });
  return outOfFoldEvidence(rows, byRow, samples, settings, fit);
}

import type { CsrMatrix } from '../../contracts/matrix.js';
import { countLabelIssues, findLabelIssues, rankLabelIssues } from '../importance/labelIssues.js';
import { selfConfidences } from '../importance/labelQuality.js';
import { argmaxRows, classCounts, softmaxRows } from '../probability.js';
import { seeded } from '../random.js';
import { fitNoisePosterior } from '../weighting/noiseModel.js';
import { nearestNeighbours } from './neighbours.js';
import { findOutliers, type Outliers } from './outliers.js';
import { testRowOrder, type RowOrder } from './rowOrder.js';

/** Labelled rows, in the order of their file, and what out-of-fold training said of them. */
export interface AuditInput {
  readonly targets: Int32Array; // (n,), class codes
  readonly outputs: number; // K
  readonly logits: Float64Array; // (n, K), out of fold
  readonly matrix: CsrMatrix; // (n, d), features
  readonly clusters: Int32Array; // (n,), near-duplicates
  readonly seed: number;
}

export interface LabelFindings {
  readonly flagged: Uint8Array; // (n,), 1 = suspected label error
  /** Suspected rows, the worst first. */
  readonly ranked: Int32Array;
  /** Out-of-fold probability of the given label, (n,): low is suspicious. */
  readonly selfConfidence: Float64Array;
  /** Probability that the given label is right, (n,), from the noise model. */
  readonly posterior: Float64Array;
  readonly suggested: Int32Array; // (n,), most probable class
  /** Estimated number of wrong labels, from the calibrated confident joint. */
  readonly estimatedErrors: number;
  /** Share of rows whose out-of-fold prediction is the given label. */
  readonly agreement: number;
}

export interface DuplicateFindings {
  /** Sizes of clusters with two rows or more, by cluster. */
  readonly sizes: ReadonlyMap<number, number>;
  /** Clusters whose rows disagree on the label. */
  readonly conflicting: ReadonlySet<number>;
}

/** What is wrong with a labelled table, as far as it tells itself. */
export interface Audit {
  readonly labels: LabelFindings;
  readonly duplicates: DuplicateFindings;
  readonly outliers: Outliers;
  readonly order: RowOrder | undefined;
  /** Rows of each class, and the classes that have too few: under a tenth of an equal share. */
  readonly classes: { readonly counts: Float64Array; readonly rare: readonly number[] };
}

const NEIGHBOURS = 10;
const RARE_SHARE = 0.1;

/** Looks for label errors, near-duplicates, outliers, an order that tells, and rare classes. */
export function auditSamples(input: AuditInput): Audit {
  const { targets, outputs, matrix, clusters, seed } = input;
  const k = Math.min(NEIGHBOURS, Math.max(1, matrix.rows - 1));
  const neighbours = nearestNeighbours(matrix, k, seeded(seed, 'audit.references'));
  const counts = classCounts(targets, outputs);
  const few = (RARE_SHARE * targets.length) / outputs;
  return {
    labels: findLabels(input),
    duplicates: findDuplicates(clusters, targets),
    outliers: findOutliers(neighbours),
    order: testRowOrder(neighbours, clusters, seeded(seed, 'audit.order')),
    classes: { counts, rare: [...counts.keys()].filter((code) => counts[code]! < few) },
  };
}

function findLabels({ targets, outputs, logits }: AuditInput): LabelFindings {
  const probabilities = softmaxRows(logits, outputs);
  const flagged = findLabelIssues(probabilities, targets, outputs);
  const selfConfidence = selfConfidences(probabilities, targets, outputs);
  const suggested = argmaxRows(probabilities, outputs);
  return {
    flagged,
    ranked: rankLabelIssues(flagged, selfConfidence),
    selfConfidence,
    posterior: fitNoisePosterior(logits, targets, outputs).posterior,
    suggested,
    estimatedErrors: countLabelIssues(probabilities, targets, outputs, true),
    agreement: targets.filter((target, row) => suggested[row] === target).length / targets.length,
  };
}

function findDuplicates(clusters: Int32Array, targets: Int32Array): DuplicateFindings {
  const members = new Map<number, number[]>();
  clusters.forEach((cluster, row) => {
    const rows = members.get(cluster);
    if (rows) rows.push(row);
    else members.set(cluster, [row]);
  });
  const several = [...members].filter(([, rows]) => rows.length > 1);
  const disagree = (rows: readonly number[]): boolean => new Set(rows.map((row) => targets[row])).size > 1;
  return {
    sizes: new Map(several.map(([cluster, rows]) => [cluster, rows.length])),
    conflicting: new Set(several.filter(([, rows]) => disagree(rows)).map(([cluster]) => cluster)),
  };
}

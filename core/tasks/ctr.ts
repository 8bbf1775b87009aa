import { z } from 'zod';
import { ConfigError, DataError } from '../../contracts/errors.js';
import { calibrationRatio } from '../metrics/index.js';
import { logProbabilityOf, softmaxRows } from '../probability.js';
import { measureClasses } from './classification.js';
import type { EncodedTargets, Judged, Task } from './task.js';

/** How a click is written, and how none is. The first of a pair is the negative. */
const SPELLINGS = [
  ['0', '1'],
  ['false', 'true'],
  ['no', 'yes'],
  ['negative', 'positive'],
] as const;

const CtrParams = z.strictObject({
  positive: z
    .string()
    .optional()
    .describe('value of the target that is a click; without it 1, true, yes or positive'),
  negatives: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'share of the rows without a click that models are trained on; their predictions are shifted back exactly',
    ),
});
type CtrParams = z.infer<typeof CtrParams>;

const CALIBRATION = 'calibration_ratio';
const CHOSEN_BY = 'relative_information';

/** Whether somebody clicks: two classes, judged by calibrated probabilities. Targets are random by nature. */
export const ctr: Task = ctrTask(CtrParams.parse({}));

function ctrTask({ positive, negatives }: CtrParams): Task {
  return {
    name: 'ctr',
    paramsSchema: CtrParams,
    configured: (params) => ctrTask(CtrParams.parse(params)),
    judges: 'samples',
    weighs: 'samples',
    duplicates: 'join',
    loss: { kind: 'crossEntropy' },
    estimator: 'uniform',
    aleatoric: true,
    negatives,
    metrics: [
      CHOSEN_BY,
      'normalized_entropy',
      'log_loss',
      'roc_auc',
      'average_precision',
      'ece',
      CALIBRATION,
    ],
    estimated: [CHOSEN_BY, 'normalized_entropy', 'log_loss', 'roc_auc', 'ece', CALIBRATION],
    choiceMetric: () => CHOSEN_BY,
    encode: (values, classes) => encodeClicks(values, classes, positive),
    measure: measureClicks,
    unitsOf: ({ targets }) => Int32Array.from(targets.keys()),
    /** 1 − ℓ/H: its mean is the relative information, H the entropy of the click rate among the judged samples. */
    merit(judged, metric) {
      if (metric === CHOSEN_BY) return informationOf(judged);
      throw new ConfigError(
        `loop.metric: expected ${CHOSEN_BY} (1 − normalized_entropy, in the order of log_loss) for the task ctr, got "${metric}"`,
      );
    },
  };
}

function informationOf({ targets, logits, sampleWeights }: Judged): Float64Array {
  const mass = [0, 0];
  targets.forEach((target, i) => (mass[target]! += sampleWeights?.[i] ?? 1));
  const rate = mass[1]! / (mass[0]! + mass[1]!);
  const entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate)); // NaN where nobody or everybody clicks
  const logs = logProbabilityOf(targets, logits.values, logits.cols);
  return logs.map((log) => (entropy > 0 ? 1 + log / entropy : 0));
}

/** Metrics of classes, and the calibration ratio of clicks. */
function measureClicks(names: readonly string[], judged: Judged): (sampleWeights?: Float64Array) => number[] {
  const classNames = names.filter((name) => name !== CALIBRATION);
  const others = measureClasses(classNames, judged);
  const { targets, logits } = judged;
  const probabilities = softmaxRows(logits.values, logits.cols).filter((_, at) => at % 2 === 1);
  return (sampleWeights) => {
    const found = others(sampleWeights);
    let at = 0;
    return names.map((name) =>
      name === CALIBRATION ? calibrationRatio(targets, probabilities, sampleWeights) : found[at++]!,
    );
  };
}

/** Class 1 is the click, whatever it is called. */
function encodeClicks(
  values: readonly (string | null)[],
  known: readonly string[] | undefined,
  positive: string | undefined,
): EncodedTargets {
  const classes = known ?? clickClasses(values, positive);
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : classes.indexOf(value)));
  return { codes, classes };
}

function clickClasses(values: readonly (string | null)[], positive: string | undefined): readonly string[] {
  const found = [...new Set(values.filter((value) => value !== null))].sort();
  const shown = found.slice(0, 5).map((value) => JSON.stringify(value));
  const listed = shown.length === 0 ? 'none' : shown.join(', ') + (found.length > 5 ? ', …' : '');
  if (found.length !== 2) {
    throw new DataError(
      `target: the task ctr learns of two values, clicked and not, found ${found.length} among ${values.length} training rows (${listed}); ` +
        'check dataset.columns.target and the split',
    );
  }
  if (positive !== undefined && found.includes(positive)) {
    return [...found.filter((value) => value !== positive), positive];
  }
  const spelling = SPELLINGS.find((pair) =>
    pair.every((word) => found.some((value) => value.toLowerCase() === word)),
  );
  if (positive === undefined && spelling) {
    return spelling.map((word) => found.find((value) => value.toLowerCase() === word)!);
  }
  throw new DataError(
    `target: which of ${listed} is a click? Say so: task: { name: ctr, positive: ${shown[1]} }` +
      (positive === undefined
        ? ''
        : `; task.positive is ${JSON.stringify(positive)}, which no training row has`),
  );
}

import type { Evidence, FeatureRows, LinearCheckpoint, ValidationSide } from '../../core/importance/index.js';
import { residualsAt, summedGradient } from '../../core/importance/lastLayer.js';
import { seeded, type Random } from '../../core/random.js';

export const CLASSES = 4;
const WIDTH = 6;
const EPOCHS = 8;

/** Every kind of evidence of samples of which a fifth have a flipped label. */
export type Planted = Required<Omit<Evidence, 'sources' | 'votes'>> & { readonly flipped: Uint8Array };

/** Samples that a decent model saw out of fold, that a model was trained on, and that stand in separate clouds. */
export function planted(seed: number, n: number): Planted {
  const random = seeded(seed, 'planted');
  const flipped = new Uint8Array(n);
  const logits = Float64Array.from({ length: n * CLASSES }, () => random.normal());
  const truths = new Int32Array(n);
  const targets = Int32Array.from({ length: n }, (_, i) => {
    const truth = random.below(CLASSES);
    truths[i] = truth;
    logits[i * CLASSES + truth]! += 2.5;
    flipped[i] = random.next() < 0.2 ? 1 : 0;
    return flipped[i] ? (truth + 1 + random.below(CLASSES - 1)) % CLASSES : truth;
  });
  const centres = Float64Array.from({ length: CLASSES * WIDTH }, () => random.normal() * 1.5);
  const features = clouds(truths, centres, random);
  const validationTargets = Int32Array.from({ length: 80 }, () => random.below(CLASSES));
  const validation = { features: clouds(validationTargets, centres, random), targets: validationTargets };
  const { checkpoints, dynamics } = trained(features, targets);
  return {
    targets,
    outputs: CLASSES,
    logits,
    folds: Int32Array.from({ length: n }, () => random.below(5)),
    dynamics,
    features,
    validation,
    checkpoints,
    groups: Int32Array.from({ length: n }, () => random.below(Math.max(1, Math.floor(n / 10)))),
    flipped,
  };
}

function clouds(classes: Int32Array, centres: Float64Array, random: Random): FeatureRows {
  const values = new Float64Array(classes.length * WIDTH);
  classes.forEach((k, i) => {
    for (let j = 0; j < WIDTH; j++) values[i * WIDTH + j] = centres[k * WIDTH + j]! + random.normal();
  });
  return { kind: 'dense', matrix: { rows: classes.length, cols: WIDTH, values } };
}

/** Gradient descent of a linear softmax on the given labels: its checkpoints and its own logits. */
function trained(features: FeatureRows, targets: Int32Array): Pick<Planted, 'checkpoints' | 'dynamics'> {
  const n = targets.length;
  const learningRate = 0.2;
  const parameters = new Float64Array((WIDTH + 1) * CLASSES);
  const checkpoints: LinearCheckpoint[] = [];
  const logits = new Float64Array(EPOCHS * n * CLASSES);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let step = 0; step < 4; step++) {
      const residuals = residualsAt(checkpointOf(parameters, learningRate), { features, targets });
      summedGradient(features, residuals, CLASSES).forEach((slope, j) => {
        parameters[j]! -= (learningRate * slope) / Math.max(n, 1);
      });
    }
    const checkpoint = checkpointOf(parameters, learningRate);
    checkpoints.push(checkpoint);
    const { values } = features.matrix;
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < CLASSES; k++) {
        let z = checkpoint.intercept[k]!;
        for (let j = 0; j < WIDTH; j++) z += values[i * WIDTH + j]! * checkpoint.weights[j * CLASSES + k]!;
        logits[(epoch * n + i) * CLASSES + k] = z;
      }
    }
  }
  return { checkpoints, dynamics: { epochs: EPOCHS, logits, thresholdSamples: new Int32Array() } };
}

const checkpointOf = (parameters: Float64Array, learningRate: number): LinearCheckpoint => ({
  weights: parameters.slice(0, WIDTH * CLASSES),
  intercept: parameters.slice(WIDTH * CLASSES),
  learningRate,
});

/** The same samples in another order. */
export function permuted(evidence: Planted, order: Int32Array): Evidence {
  const n = evidence.targets.length;
  const blocks = (values: Float64Array | Float32Array, width: number, start = 0): Float64Array =>
    Float64Array.from({ length: n * width }, (_, at) => {
      return values[start + order[Math.floor(at / width)]! * width + (at % width)]!;
    });
  const { epochs, logits } = evidence.dynamics;
  const reordered = Array.from({ length: epochs }, (_, t) => [...blocks(logits, CLASSES, t * n * CLASSES)]);
  const values = blocks(evidence.features.matrix.values as Float64Array, WIDTH);
  return {
    targets: order.map((row) => evidence.targets[row]!),
    outputs: CLASSES,
    logits: blocks(evidence.logits, CLASSES),
    folds: order.map((row) => evidence.folds[row]!),
    groups: order.map((row) => evidence.groups[row]!),
    dynamics: { ...evidence.dynamics, logits: Float64Array.from(reordered.flat()) },
    features: { kind: 'dense', matrix: { rows: n, cols: WIDTH, values } },
    validation: evidence.validation,
    checkpoints: evidence.checkpoints,
  };
}

/** Few samples whose every number is at an end of its range: certain and wrong predictions, equal features. */
export function degenerate(): Evidence {
  const features: FeatureRows = { kind: 'dense', matrix: { rows: 3, cols: 2, values: new Float64Array(6) } };
  const validation: ValidationSide = { features, targets: Int32Array.of(0, 1, 0) };
  const logits = Float64Array.of(-1e9, 0, 0, -Infinity, -5, 5);
  return {
    targets: Int32Array.of(0, 1, 1),
    outputs: 2,
    logits,
    dynamics: { epochs: 1, logits },
    features,
    validation,
    checkpoints: [
      { weights: Float64Array.of(50, -50, 0, 0), intercept: Float64Array.of(900, -900), learningRate: 1 },
    ],
    groups: Int32Array.of(0, 0, 1),
  };
}

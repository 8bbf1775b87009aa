import { z } from 'zod';
import { CancelledError, ConfigError, StoreError } from '../contracts/errors.js';
import type { CsrMatrix, Tensor } from '../contracts/matrix.js';
import type { FittedModel, Model, ModelInput } from '../contracts/model.js';
import {
  factorLogits,
  newFactors,
  newMoments,
  passOver,
  type Factors,
  type Moments,
} from '../core/factors/machine.js';
import { seeded } from '../core/random.js';
import { checkTraining } from './trainingRows.js';

/** Parameters of the factorisation machine. */
export const FactorizationParams = z.strictObject({
  factors: z.int().positive().max(512).default(16).describe('length of the vector of each feature'),
  l2: z.number().nonnegative().default(1e-4).describe('on weights and factors that a row uses, each time'),
  epochs: z.int().positive().default(20).describe('passes over the rows'),
  learningRate: z.number().positive().default(0.1).describe('of AdaGrad'),
});
export type FactorizationParams = z.infer<typeof FactorizationParams>;

/**
 * Factorisation machine (of more than two classes one against the rest): a weight for each feature and the dot product of the vectors of each pair. Over
 * ids of users and items it is matrix factorisation with biases; over their content a two-tower model without layers.
 */
export const factorization: Model<FactorizationParams> = {
  name: 'factorization',
  input: 'sparse',
  paramsSchema: FactorizationParams,
  regularisation: { param: 'l2', grid: [1e-2, 1e-3, 1e-4] },
  search: () => ({
    factors: [4, 8, 16, 32],
    learningRate: { from: 0.02, to: 0.5, scale: 'log', integer: false },
  }),
  goesOn: () => true,
  async fit(training, params, { seed, resumeFrom, goOnFrom, sinks }) {
    const matrix = sparse(training.input);
    checkTraining(training, matrix.rows);
    const machines = resumeFrom
      ? restored(resumeFrom.tensors)
      : begun(matrix.cols, machineCount(training.outputs), params, seed, goOnFrom);
    const present = Int32Array.from(training.sampleWeights.keys()).filter(
      (row) => training.sampleWeights[row]! > 0,
    );
    const parameters = machines.map(({ factors }) => factors);
    const losses = resumeFrom ? [...tensor(resumeFrom.tensors, LOSSES).data] : [];
    for (let epoch = resumeFrom?.position ?? 0; epoch < params.epochs; epoch++) {
      await sinks?.breathe?.();
      if (sinks?.signal?.aborted) throw new CancelledError('training was cancelled');
      const order = seeded(seed, `factorization.${epoch}`).shuffle(present.slice());
      const loss = passAll({ ...training, matrix }, order, machines, params);
      const done = epoch + 1;
      losses.push(loss);
      sinks?.progress?.({ done, total: params.epochs, unit: 'epochs', figures: { loss } });
      sinks?.dynamics?.(done, logitsOf(parameters, matrix));
      if (sinks?.checkpoint?.due()) {
        await sinks.checkpoint.save({
          position: done,
          tensors: snapshot([
            ...tensorsOf(parameters),
            ...momentTensors(machines.map(({ moments }) => moments)),
            { name: LOSSES, shape: [losses.length], data: Float64Array.from(losses) },
          ]),
        });
      }
    }
    const rates = losses.map(() => params.learningRate);
    return { ...fitted(parameters), history: { losses, qualities: [], rates, kept: losses.length } };
  },
  load: (tensors) => fitted(factorsOf(tensors)),
};

/** Mean loss of the epochs that are done. */
const LOSSES = 'losses';

/** Parameters of one machine, and what AdaGrad remembers of their gradients. */
interface Machine {
  readonly factors: Factors;
  readonly moments: Moments;
}

/** One machine for two classes, else one for each against the rest. */
const machineCount = (outputs: number): number => (outputs === 2 ? 1 : outputs);

/** New machines, or an earlier fit's parameters; AdaGrad starts anew either way. */
const begun = (
  features: number,
  count: number,
  { factors: width }: FactorizationParams,
  seed: number,
  earlier: readonly Tensor[] | undefined,
): Machine[] => {
  const random = (m: number) => seeded(seed, `factorization.start.${m}`);
  const factors = earlier
    ? factorsOf(earlier)
    : Array.from({ length: count }, (_, m) => newFactors(features, width, random(m)));
  return factors.map((one) => ({ factors: one, moments: newMoments(features, one.width) }));
};

/** @returns mean loss of the machines */
function passAll(
  rows: Parameters<typeof passOver>[0],
  order: Int32Array,
  machines: readonly Machine[],
  params: FactorizationParams,
): number {
  const losses = machines.map(({ factors, moments }, m) => {
    const own = machines.length === 1 ? 1 : m;
    const targets = rows.targets.map((target) => Number(target === own));
    return passOver({ ...rows, targets }, order, factors, moments, params);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const fitted = (machines: readonly Factors[]): FittedModel => ({
  predictLogits: (input) => logitsOf(machines, sparse(input)),
  tensors: () => tensorsOf(machines),
});

/** (n, K): of two classes the log-odds are the logit of class 1, that of class 0 is 0. */
function logitsOf(machines: readonly Factors[], matrix: CsrMatrix): Float64Array {
  const outputs = Math.max(2, machines.length);
  const all = new Float64Array(outputs * matrix.rows);
  machines.forEach((factors, m) => {
    const own = machines.length === 1 ? 1 : m;
    factorLogits(factors, matrix).forEach((logOdds, row) => (all[outputs * row + own] = logOdds));
  });
  return all;
}

function sparse(input: ModelInput): CsrMatrix {
  if (input.kind === 'sparse') return input.matrix;
  throw new ConfigError(
    `model factorization: expected sparse features, got ${input.kind}; choose another model`,
  );
}

const tensorsOf = (machines: readonly Factors[]): Tensor[] =>
  machines.flatMap(({ width, intercept, weights, vectors }, m) => [
    { name: `${m}.intercept`, shape: [1], data: intercept },
    { name: `${m}.weights`, shape: [weights.length], data: weights },
    { name: `${m}.vectors`, shape: [weights.length, width], data: vectors },
  ]);

/** Copies: training goes on and changes the arrays. */
const snapshot = (tensors: readonly Tensor[]): Tensor[] =>
  tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));

const momentTensors = (all: readonly Moments[]): Tensor[] =>
  all.flatMap((moments, m) =>
    (['intercept', 'weights', 'vectors'] as const).map((part) => ({
      name: `${m}.moments.${part}`,
      shape: [moments[part].length],
      data: moments[part],
    })),
  );

function restored(tensors: readonly Tensor[]): Machine[] {
  return factorsOf(tensors).map((factors, m) => {
    const own = (part: string): Float64Array =>
      Float64Array.from(tensor(tensors, `${m}.moments.${part}`).data);
    return {
      factors,
      moments: { intercept: own('intercept'), weights: own('weights'), vectors: own('vectors') },
    };
  });
}

function factorsOf(tensors: readonly Tensor[]): Factors[] {
  const count = tensors.filter(({ name }) => /^\d+\.vectors$/.test(name)).length;
  return Array.from({ length: Math.max(1, count) }, (_, m) => {
    const vectors = tensor(tensors, `${m}.vectors`);
    return {
      width: vectors.shape[1]!,
      intercept: Float64Array.from(tensor(tensors, `${m}.intercept`).data),
      weights: Float64Array.from(tensor(tensors, `${m}.weights`).data),
      vectors: Float64Array.from(vectors.data),
    };
  });
}

function tensor(tensors: readonly Tensor[], name: string): Tensor {
  const found = tensors.find((one) => one.name === name);
  if (found) return found;
  throw new StoreError(`model factorization: its tensors have no "${name}"`);
}

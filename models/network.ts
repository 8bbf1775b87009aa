import type { z } from 'zod';
import type {
  AttributionRequest,
  Batches,
  Engine,
  HostTensor,
  Network,
  TrainRequest,
} from '../contracts/engine.js';
import { ConfigError, MissingToolError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type {
  FitOptions,
  FittedModel,
  LastLayer,
  Milestone,
  Model,
  ModelInput,
  TrainingSet,
  TrainingSinks,
} from '../contracts/model.js';
import type { SearchSpace } from '../contracts/tune.js';
import { seeded, type Random } from '../core/random.js';
import { gradeLogits, type PairLoss } from '../core/ranking/pairs.js';
import { classifierNetwork, type Logits, type States } from './network/classifier.js';
import {
  attributeScore,
  baselineOf,
  baselineTensor,
  rankingNetwork,
  rankingRows,
  withoutBaseline,
} from './network/ranking.js';
import { parametersOf, readSettings, settingsTensor } from './network/settings.js';
import { tokenCounts } from './network/sequences.js';
import { optimizerOf, trainingSearch, type TrainingParams } from './network/trainingParams.js';
import { balanced, checkTraining, qualityOf } from './trainingRows.js';

/** Reads rows of one input as host arrays. */
export interface RowReader {
  readonly rows: number;
  /** The first axis is the row in the batch; as many rows give one of few shapes. */
  read(rows: Int32Array): Readonly<Record<string, HostTensor>>;
  /** Rows of like size are predicted together. */
  size?(row: number): number;
}

/** What a network's kind says of itself; S is what its shapes depend on. */
export interface NetworkKind<P, S> extends Pick<Model<P>, 'name' | 'input' | 'tokenizer' | 'paramsSchema'> {
  /** Of the parameter C. */
  readonly strengths: readonly number[];
  /** Of its size; the rest of what tuning searches all networks have. */
  readonly sizes: SearchSpace;
  readonly settingsSchema: z.ZodType<S>;
  settings(params: P, input: ModelInput, outputs: number, pretrained?: readonly Tensor[]): S;
  /** Parameters that training starts from. */
  initial(settings: S, random: Random, pretrained?: readonly Tensor[]): Tensor[];
  logits(settings: S): Logits;
  /** What its last layer is given, and the name of that dense layer; undefined where it is the only one. */
  lastLayer(settings: S): { readonly states: States; readonly head: string } | undefined;
  /** Parameter whose rows stand for the pieces of the input, and the input that stands for them where none is looked up. */
  readonly pieces: AttributionRequest['pieces'];
  /** @throws ConfigError if the settings are not for this input */
  reader(settings: S, input: ModelInput): RowReader;
}

/** A model that is a network, and what an engine is asked for to train it. */
export interface NetworkModel<P> extends Model<P> {
  request(
    training: TrainingSet,
    params: P,
    options: Pick<FitOptions, 'seed' | 'pretrained'>,
  ): TrainRequest & {
    /** Tensors that are kept beside the parameters. */
    readonly settings: readonly Tensor[];
  };
}

/** Rows of a batch for prediction. */
const PREDICTED = 64;
/** Points at which integrated gradients are taken. */
const PATH_STEPS = 64;

/** Makes a model of a kind of network: the loss, the training and what is stored are the same for all. */
export function networkModel<P extends TrainingParams, S>(kind: NetworkKind<P, S>): NetworkModel<P> {
  const { name, input, tokenizer, paramsSchema } = kind;
  const request = requester(kind);
  return {
    name,
    input,
    ...(tokenizer ? { tokenizer } : {}),
    paramsSchema,
    losses: ['crossEntropy', 'rankNet', 'lambdaRank'],
    regularisation: { param: 'C', grid: kind.strengths },
    search: (params) => ({ ...trainingSearch(params), ...kind.sizes }),
    usesEngine: true,
    request,
    async fit(training, params, options) {
      const engine = engineOf(name, options.engine);
      const { settings, ...asked } = request(training, params, options);
      // One network for all of a fit: an engine traces each anew.
      const judged = (parameters: readonly Tensor[]) =>
        fitted(kind, engine, asked.network, [...parameters, ...settings]);
      const { evaluation, resumeFrom, sinks } = options;
      const { parameters, history } = await engine.train({
        ...asked,
        ...(resumeFrom ? { resumeFrom } : {}),
        ...(sinks ? { sinks: withSettings(sinks, settings) } : {}),
        ...(evaluation
          ? {
              judge: (now) => qualityOf(evaluation, judged(now).predictLogits(evaluation.input)),
              patience: params.patience,
            }
          : {}),
      });
      return { ...judged(parameters), history };
    },
    load(tensors, engine) {
      const network = classifierNetwork(kind.logits(readSettings(name, kind.settingsSchema, tensors)), 0);
      return fitted(kind, engineOf(name, engine), network, tensors);
    },
  };
}

/** Milestones with all that a model needs to be loaded. */
const withSettings = (sinks: TrainingSinks, settings: readonly Tensor[]): TrainingSinks => {
  const { milestones } = sinks;
  if (!milestones) return sinks;
  const reached = ({ epoch, tensors }: Milestone): void =>
    milestones.reached({ epoch, tensors: [...tensors, ...settings] });
  return { ...sinks, milestones: { ...milestones, reached } };
};

function fitted<P, S>(
  kind: NetworkKind<P, S>,
  engine: Engine,
  network: Network,
  tensors: readonly Tensor[],
): FittedModel {
  const { name, settingsSchema, reader, pieces } = kind;
  const settings = readSettings(name, settingsSchema, tensors);
  const last = kind.lastLayer(settings);
  const parameters = withoutBaseline(parametersOf(tensors));
  const baseline = baselineOf(tensors);
  return {
    predictLogits: (input) => {
      const outputs = predict(engine, network, parameters, reader(settings, input));
      return baseline ? gradeLogits(outputs, baseline) : outputs;
    },
    tensors: () => tensors,
    attribute: (input, contrast) => {
      const batches = reader(settings, input);
      const asked = { network, parameters, batches, pieces, steps: PATH_STEPS };
      const found = baseline
        ? attributeScore(engine, asked, contrast, baseline)
        : engine.attribute({ ...asked, contrast });
      return { ...found, values: found.values.map((values, row) => withoutPadding(values, input, row)) };
    },
    ...(last && !baseline
      ? { lastLayer: (input) => lastLayerAt(engine, last, parameters, reader(settings, input)) }
      : {}),
  };
}

function lastLayerAt(
  engine: Engine,
  { states, head }: { readonly states: States; readonly head: string },
  parameters: readonly Tensor[],
  reader: RowReader,
): LastLayer {
  const named = (part: string): Tensor => parameters.find(({ name }) => name === `${head}.${part}`)!;
  const { shape, data } = named('kernel');
  const values = predict(engine, classifierNetwork(states, 0), parameters, reader);
  return {
    features: { rows: reader.rows, cols: shape[0]!, values },
    weights: Float64Array.from(data),
    intercept: Float64Array.from(named('bias').data),
  };
}

/** Of the pieces that a network reads those that the input has. */
function withoutPadding(values: Float64Array, input: ModelInput, row: number): Float64Array {
  if (input.kind === 'dense') return values;
  if (input.kind === 'blocks') throw new RangeError('networks take features in memory');
  if (input.kind !== 'sparse') {
    const texts = input.kind === 'pair' ? [input.first, input.second] : [input.batch];
    return values.slice(
      0,
      texts.reduce((sum, text) => sum + tokenCounts(text)[row]!, 0),
    );
  }
  const { indptr, indices, cols } = input.matrix;
  const own = indices.subarray(indptr[row], indptr[row + 1]);
  return values.length === cols
    ? Float64Array.from(own, (column) => values[column]!)
    : values.slice(0, own.length);
}

function requester<P extends TrainingParams, S>(kind: NetworkKind<P, S>): NetworkModel<P>['request'] {
  return (training, params, { seed, pretrained }) => {
    const { loss = { kind: 'crossEntropy' } } = training;
    const outputs = loss.kind === 'crossEntropy' ? training.outputs : 1;
    const settings = kind.settings(params, training.input, outputs, pretrained);
    const reader = kind.reader(settings, training.input);
    checkTraining(training, reader.rows);
    const learned =
      loss.kind === 'crossEntropy'
        ? classifierRows(kind.logits(settings), reader, training, params)
        : rankingOf(kind.name, kind.logits(settings), reader, training, params, loss);
    const total = learned.sampleWeights.reduce((sum, weight) => sum + weight, 0);
    return {
      ...learned,
      settings: [
        settingsTensor(settings),
        ...(loss.kind === 'crossEntropy' ? [] : [baselineTensor(training)]),
      ],
      parameters: kind.initial(settings, seeded(seed, `${kind.name}.initial`), pretrained),
      epochs: params.epochs,
      optimizer: optimizerOf(params),
      l2: 1 / (params.C * total),
      seed,
    };
  };
}

type Learned = Pick<TrainRequest, 'network' | 'batches' | 'sampleWeights' | 'batchSize'>;

function classifierRows(
  logits: Logits,
  reader: RowReader,
  training: TrainingSet,
  { batchSize, classWeights, labelSmoothing }: TrainingParams,
): Learned {
  const { targets } = training;
  return {
    network: classifierNetwork(logits, labelSmoothing),
    batches: {
      rows: reader.rows,
      read: (rows) => ({
        ...reader.read(rows),
        labels: { shape: [rows.length], data: rows.map((row) => targets[row]!) },
      }),
    },
    sampleWeights: classWeights === 'balanced' ? balanced(training) : training.sampleWeights,
    batchSize,
  };
}

/** @throws ConfigError where something is asked for that only cross entropy has */
function rankingOf(
  name: string,
  logits: Logits,
  reader: RowReader,
  training: TrainingSet,
  { batchSize, classWeights, labelSmoothing }: TrainingParams,
  loss: PairLoss,
): Learned {
  const wrong =
    labelSmoothing > 0 ? 'labelSmoothing' : classWeights === 'balanced' ? 'classWeights' : undefined;
  if (wrong !== undefined)
    throw new ConfigError(
      `model ${name}: ${wrong} is of cross entropy, and ${loss.kind} has no classes; leave model.${wrong} out, or take task.loss: pointwise`,
    );
  const rows = rankingRows(name, training, loss, (asked) => reader.read(asked), batchSize);
  return { network: rankingNetwork(logits, loss), ...rows };
}

/** Logits of every row (n × K), in the order of the input. */
function predict(
  engine: Engine,
  network: Network,
  parameters: readonly Tensor[],
  reader: RowReader,
): Float64Array {
  const order = Int32Array.from({ length: reader.rows }, (_, row) => row);
  if (order.length === 0) return new Float64Array();
  const { size } = reader;
  if (size) order.sort((a, b) => size(a) - size(b) || a - b);
  const batches: Batches = {
    rows: reader.rows,
    read: (rows) => reader.read(rows.map((row) => order[row]!)),
  };
  const sorted = engine.predict(network, parameters, batches, PREDICTED);
  const outputs = sorted.length / order.length;
  const logits = new Float64Array(sorted.length);
  order.forEach((row, at) => logits.set(sorted.subarray(at * outputs, (at + 1) * outputs), row * outputs));
  return logits;
}

function engineOf(name: string, engine: Engine | undefined): Engine {
  if (engine) return engine;
  throw new MissingToolError(
    `model ${name} computes with TensorFlow: expected an engine, got none; \`assay doctor\` shows which there are`,
  );
}

import { z } from 'zod';
import { EngineChoice, type Engine } from '../contracts/engine.js';
import { ConfigError, DataError } from '../contracts/errors.js';
import type { Tensor } from '../contracts/matrix.js';
import type { ModelInput, SequenceBatch } from '../contracts/model.js';
import { PretrainConfig } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { engineFigures } from '../core/describeEngine.js';
import { makeInput } from '../core/features/inputs.js';
import type { Featurizer } from '../core/features/featurizer.js';
import { seeded } from '../core/random.js';
import { gather, texts } from '../core/table.js';
import { SPECIAL_TOKENS } from '../core/text/wordpiece.js';
import { pretrainerOf, type Pretraining } from '../models/pretraining.js';
import type { MaskingSettings } from '../core/text/masking.js';
import { readFeaturizer } from './featurizerTable.js';
import { maskedBatches } from './maskedBatches.js';
import { inputRows, loadPrepared, only } from './prepared.js';
import { stageSinks } from './sinks.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  model: z.object({ name: z.string() }).catchall(z.json()),
  engine: EngineChoice.default('auto'),
  /** Which texts there are is told by the inputs. */
  pretrain: PretrainConfig.omit({ source: true, column: true }).strip(),
});
type Params = z.infer<typeof Params>;

/** Of the learning rate. */
const WARMUP = 0.1;
const WEIGHT_DECAY = 0.01;

/** Teaches an encoder the language of the texts, by having it guess masked tokens; fits then start from it. */
export const pretrain: Stage<Params> = {
  name: 'pretrain',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes', 'featurizer'],
  engine: ({ engine }) => engine,
  summary: ({ model, pretrain: { epochs } }) => `pretrain ${model.name}: ${epochs} epochs of masked tokens`,
  async run({ params, inputs, seed }, context) {
    const { name, ...modelParams } = params.model;
    const pretrainer = pretrainerOf(name);
    if (!pretrainer) throw new ConfigError(`pretrain: model ${name} can't be pretrained; leave pretrain out`);
    const engine = await context.engine(params.engine);
    const featurizer = await readFeaturizer(context.artifacts, only(inputs, 'featurizer'));
    const input = await textsOf(params, inputs, featurizer, context);
    const given = inputs['pretrained'] && (await context.artifacts.readModel(only(inputs, 'pretrained')));
    const random = seeded(seed, 'pretrain.initial');
    const prepared = pretrainer.prepare(modelParams, input, random, given);
    const masking = maskingOf(featurizer, params.pretrain.maskShare);
    const { parameters, figures } = await train(engine, prepared, masking, params, seed, context);
    return {
      outputs: { pretrained: [await context.artifacts.writeModel([...parameters, prepared.settings])] },
      figures: { ...figures, ...engineFigures(engine) },
    };
  },
};

async function train(
  engine: Engine,
  { network, parameters, reader }: Pretraining,
  masking: MaskingSettings,
  { pretrain: { heldOut, epochs, batchSize, learningRate } }: Params,
  seed: number,
  context: StageContext,
) {
  const order = Int32Array.from({ length: reader.rows }, (_, row) => row);
  seeded(seed, 'pretrain.heldOut').shuffle(order);
  const held = Math.max(1, Math.round(heldOut * reader.rows));
  if (held >= reader.rows) throw new DataError(`pretrain: ${reader.rows} texts are too few to hold some out`);
  const judged = maskedBatches(reader, order.slice(0, held).sort(), masking, seed);
  const batches = maskedBatches(reader, order.slice(held).sort(), masking);
  const perplexity = (now: readonly Tensor[]): number =>
    perplexityOf(engine.predict(network, now, judged, batchSize));
  const before = perplexity(parameters);
  const saved = await context.checkpoints.load();
  const result = await engine.train({
    network,
    parameters,
    batches,
    sampleWeights: new Float64Array(batches.rows).fill(1),
    batchSize,
    epochs,
    optimizer: {
      name: 'adamw',
      learningRate,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      weightDecay: WEIGHT_DECAY,
      momentum: 0,
      clipNorm: 1,
      schedule: 'linear',
      warmup: WARMUP,
    },
    l2: 0,
    seed,
    judge: (now) => -perplexity(now),
    patience: epochs,
    ...(saved ? { resumeFrom: saved } : {}),
    sinks: {
      ...stageSinks(context),
      progress: ({ figures, ...progress }) =>
        context.progress({ ...progress, ...(figures ? { figures } : {}) }),
    },
  });
  return {
    parameters: result.parameters,
    figures: {
      texts: batches.rows,
      heldOut: held,
      epochs: result.epochs,
      perplexityBefore: before,
      perplexity: perplexity(result.parameters),
    },
  };
}

/** e to the mean loss of a masked token, from rows of (Σ loss, Σ weight). */
function perplexityOf(outputs: Float64Array): number {
  let [loss, weight] = [0, 0];
  for (let i = 0; i < outputs.length; i += 2) {
    loss += outputs[i]!;
    weight += outputs[i + 1]!;
  }
  return Math.exp(loss / weight);
}

/** The training rows' texts, and those that were read beside. */
async function textsOf(
  { pretrain: { trainingTexts } }: Params,
  inputs: Artifacts,
  featurizer: Featurizer,
  context: StageContext,
): Promise<ModelInput> {
  const parts: ModelInput[] = [];
  if (trainingTexts) {
    const { input, split } = await loadPrepared(inputs, context);
    parts.push(
      inputRows(
        input,
        Int32Array.from(split.keys()).filter((row) => split[row] === 0),
      ),
    );
  }
  if (inputs['texts']) {
    const table = await gather(context.artifacts.readTable(only(inputs, 'texts')));
    const [first, ...others] = featurizer.blocks[0]!.columns;
    const nothing = new Array<null>(table.rows).fill(null);
    const columns = Object.fromEntries(others.map((name) => [name, nothing]));
    parts.push(
      makeInput(featurizer, { rows: table.rows, columns: { ...columns, [first!]: texts(table, 'text') } }),
    );
  }
  if (parts.length === 0)
    throw new ConfigError('pretrain: there is no text; name pretrain.source, or let trainingTexts be true');
  return parts.reduce(both);
}

function both(a: ModelInput, b: ModelInput): ModelInput {
  if (a.kind === 'sequence' && b.kind === 'sequence')
    return { kind: 'sequence', batch: stacked(a.batch, b.batch) };
  if (a.kind === 'pair' && b.kind === 'pair') {
    return { kind: 'pair', first: stacked(a.first, b.first), second: stacked(a.second, b.second) };
  }
  throw new RangeError(`texts: expected two inputs of one kind, got ${a.kind} and ${b.kind}`);
}

function stacked(a: SequenceBatch, b: SequenceBatch): SequenceBatch {
  const tokens = new Int32Array(a.tokens.length + b.tokens.length);
  tokens.set(a.tokens);
  tokens.set(b.tokens, a.tokens.length);
  return { ...a, rows: a.rows + b.rows, tokens };
}

/** @throws ConfigError where the tokens are no word pieces */
function maskingOf({ blocks }: Featurizer, share: number): MaskingSettings {
  const tokens = blocks[0]!.features.map(({ term }) => term);
  const [padding, , cls, separator, mask] = SPECIAL_TOKENS.map((token) => tokens.indexOf(token));
  if (mask! < 0) {
    throw new ConfigError(
      'pretrain: expected word pieces; set features.sequence.tokenizer to auto or wordpiece',
    );
  }
  const special = new Set<string>(SPECIAL_TOKENS);
  const ordinary = Int32Array.from(tokens.keys()).filter((id) => !special.has(tokens[id]!));
  return { share, mask: mask!, fixed: new Set([padding!, cls!, separator!]), ordinary };
}

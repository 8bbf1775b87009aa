import type { TextPart } from '../contracts/detail.js';
import type { Engine } from '../contracts/engine.js';
import { DataError } from '../contracts/errors.js';
import type { AttributedText } from '../core/explain/attributedText.js';
import { similarRows } from '../core/explain/similarRows.js';
import { nearestNames } from '../core/nearestName.js';
import { argmaxRows, softmaxRows } from '../core/probability.js';
import { modelByName } from '../models/index.js';
import { explainRows, openExplainer, type Explainer } from './attribution.js';
import { explainInfluences, type FoundInfluences } from './explainInfluences.js';
import { readFeatures } from './featureTable.js';
import { inputRows, type SampleTable } from './prepared.js';
import { readNumbered } from './rowSource.js';
import { required, traced, type RunTrace } from './runTrace.js';

/** A sample that has to do with a prediction. */
interface NamedSample {
  readonly id: string;
  readonly label: string;
  /** Influence, or cosine of the features. */
  readonly value: number;
}

/** Why the model that the run ended with says what it says of a sample. */
export interface PredictionExplanation {
  readonly model: string;
  readonly predicted: string;
  readonly probability: number;
  /** The question: why this class rather than that one. */
  readonly toward: string;
  readonly against: string;
  readonly output: number; // log-odds, nats
  readonly baseline: number; // the same without any input
  readonly parts: readonly TextPart[]; // of the text
  readonly rest: AttributedText['rest'];
  /** Words of the text that share a hashed feature, where some do. */
  readonly shared?: AttributedText['shared'];
  /** The labelled samples most like it that carry another label than is predicted. */
  readonly counterfactuals: readonly NamedSample[];
  /** Training samples that speak for the prediction, and against it (TracIn); null for models that it does not fit. */
  readonly influences: {
    readonly among: number; // training samples that were looked at
    readonly checkpoints: number; // moments of the training that are added up
    readonly support: readonly NamedSample[];
    readonly oppose: readonly NamedSample[];
  } | null;
}

const SHOWN = 4;

/**
 * Takes the final model's prediction of a sample apart. Undefined where the run has no final model yet, or one of a kind that
 * can't be taken apart.
 *
 * @param wanted name of the class to ask for; else the one that is predicted
 * @param engine of models that compute with one
 * @throws DataError where there is no such class; it names the nearest ones
 */
export async function explainPrediction(
  trace: RunTrace,
  samples: SampleTable,
  row: number,
  wanted: string | undefined,
  engine: () => Promise<Engine>,
): Promise<PredictionExplanation | undefined> {
  const path = [...trace.shards.keys()].find((one) => one.startsWith('loop.weighted.fit.'));
  const explainer = path === undefined ? undefined : await explainerOf(trace, path, samples, row, engine);
  if (path === undefined || !explainer?.model.attribute) return undefined;
  const { model, input, outputs } = explainer;
  const probabilities = softmaxRows(model.predictLogits(inputRows(input, Int32Array.of(row))), outputs);
  const predicted = argmaxRows(probabilities, outputs)[0]!;
  const toward = wanted === undefined ? predicted : codeOf(samples, wanted);
  const against = rivalOf(probabilities, toward, predicted, samples.targets[row]!);
  const [found] = explainRows(explainer, [{ row, toward, against }]);
  const named = (other: number, value: number): NamedSample => ({
    id: samples.ids[other]!,
    label: samples.classes[samples.targets[other]!] ?? '',
    value,
  });
  const labelled = Int32Array.from(samples.ids.keys()).filter(
    (other) =>
      samples.split[other] !== 2 && samples.targets[other]! >= 0 && samples.targets[other] !== predicted,
  );
  const { output, baseline, parts, rest, shared } = found!;
  const influences = await explainInfluences(trace, path, explainer, samples, row, predicted, engine);
  return {
    model: trace.config.model.name,
    predicted: samples.classes[predicted]!,
    probability: probabilities[predicted]!,
    toward: samples.classes[toward]!,
    against: samples.classes[against]!,
    ...{ output, baseline, parts, rest },
    ...(shared ? { shared } : {}),
    counterfactuals: similarRows(input, row, labelled, SHOWN).map((one) => named(one.row, one.cosine)),
    influences: influences ? strongest(influences, named) : null,
  };
}

async function explainerOf(
  trace: RunTrace,
  path: string,
  samples: SampleTable,
  row: number,
  engine: () => Promise<Engine>,
): Promise<Explainer | undefined> {
  const model = traced(trace, path, 'models');
  if (!model) return undefined;
  const { name } = trace.config.model;
  const { artifacts } = trace;
  return openExplainer(
    artifacts,
    { model, featurizer: required(trace, 'featurize', 'featurizer') },
    {
      name,
      input: await readFeatures(artifacts, required(trace, 'featurize', 'features'), samples.ids.length),
      dataset: await readNumbered(artifacts, required(trace, 'clean', 'dataset'), [row]),
      outputs: samples.classes.length,
      ...(modelByName(name).usesEngine ? { engine: await engine() } : {}),
    },
  );
}

function codeOf({ classes }: SampleTable, name: string): number {
  const code = classes.indexOf(name);
  if (code >= 0) return code;
  const near = nearestNames(name, classes, 3).map((one) => `"${one}"`);
  throw new DataError(
    `no class "${name}"; ${near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are ${classes.slice(0, 12).join(', ')}`}`,
  );
}

/** What a class is held against: the label that was given, else what is predicted, else the most probable other class. */
function rivalOf(probabilities: Float64Array, toward: number, predicted: number, given: number): number {
  if (given >= 0 && given !== toward) return given;
  if (predicted !== toward) return predicted;
  return argmaxRows(
    probabilities.map((p, code) => (code === toward ? -1 : p)),
    probabilities.length,
  )[0]!;
}

/** The strongest on either side. */
function strongest(
  { found, among, checkpoints }: FoundInfluences,
  named: (row: number, value: number) => NamedSample,
): NonNullable<PredictionExplanation['influences']> {
  const pick = (some: FoundInfluences['found']) => some.map((one) => named(one.row, one.value));
  const against = found.filter(({ value }) => value < 0);
  return {
    ...{ among, checkpoints },
    support: pick(found.filter(({ value }) => value > 0).slice(0, SHOWN)),
    oppose: pick(against.slice(-SHOWN).reverse()),
  };
}

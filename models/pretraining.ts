import type { Network } from '../contracts/engine.js';
import type { Tensor } from '../contracts/matrix.js';
import type { ModelInput } from '../contracts/model.js';
import type { Random } from '../core/random.js';
import { maskedLanguageModel, maskedLanguageTensors } from './maskedLanguage.js';
import type { RowReader } from './network.js';
import { parametersOf, readSettings, settingsTensor } from './network/settings.js';
import { sequenceReader, vocabularyOf } from './transformer/sequenceReader.js';
import { encoderOf, EncoderSettings } from './transformer/settings.js';
import { transformer } from './transformer.js';

/** What pretraining of an encoder trains. */
export interface Pretraining {
  readonly network: Network;
  readonly parameters: readonly Tensor[]; // where training starts
  readonly reader: RowReader;
  /** Kept beside the trained parameters: `FitOptions.pretrained` is both. */
  readonly settings: Tensor;
}

/** A model whose encoder can learn from text alone. */
interface Pretrainer {
  readonly name: string;
  /** @param given tensors of an encoder to go on from */
  prepare(params: unknown, input: ModelInput, random: Random, given?: readonly Tensor[]): Pretraining;
}

/** One line per model that can be pretrained. */
const pretrainers: readonly Pretrainer[] = [
  {
    name: transformer.name,
    prepare(params, input, random, given) {
      const parsed = transformer.paramsSchema.parse(params);
      const settings = given
        ? { ...readSettings(transformer.name, EncoderSettings, given), dropout: parsed.dropout }
        : encoderOf(parsed, vocabularyOf(input));
      const held = new Map(parametersOf(given ?? []).map((tensor) => [tensor.name, tensor]));
      return {
        network: maskedLanguageModel(settings),
        parameters: maskedLanguageTensors(settings, random).map((fresh) => held.get(fresh.name) ?? fresh),
        reader: sequenceReader(settings, input),
        settings: settingsTensor(settings),
      };
    },
  },
];

/** How a model is pretrained; undefined for a model that can't be. */
export const pretrainerOf = (name: string): Pretrainer | undefined =>
  pretrainers.find((pretrainer) => pretrainer.name === name);

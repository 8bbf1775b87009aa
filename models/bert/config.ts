import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';
import type { EncoderSettings } from '../transformer/settings.js';

/** What we need of the config.json beside a checkpoint of Hugging Face; the rest is left aside. */
const BertConfig = z.object({
  model_type: z.literal('bert'),
  vocab_size: z.int().positive(),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  intermediate_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
  type_vocab_size: z.int().positive().default(2),
  hidden_act: z.enum(['gelu', 'gelu_new', 'gelu_pytorch_tanh']).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_dropout_prob: z.number().min(0).lt(1).default(0.1),
  position_embedding_type: z.literal('absolute').default('absolute'),
  /** Our padding is 0 everywhere. */
  pad_token_id: z.literal(0).default(0),
});

/** The encoder that a config.json describes. @throws ConfigError naming what we can't compute */
export function encoderOfBert(config: unknown): EncoderSettings {
  const parsed = BertConfig.safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(
      `config.json: ${issue!.path.join('.')}: ${issue!.message}; expected the config of a BERT checkpoint`,
      { cause: parsed.error },
    );
  }
  const { data } = parsed;
  return {
    vocabulary: data.vocab_size,
    positions: data.max_position_embeddings,
    segments: data.type_vocab_size,
    layers: data.num_hidden_layers,
    width: data.hidden_size,
    heads: data.num_attention_heads,
    feedForward: data.intermediate_size,
    normalisation: 'post',
    gelu: data.hidden_act === 'gelu' ? 'erf' : 'tanh',
    epsilon: data.layer_norm_eps,
    dropout: data.hidden_dropout_prob,
  };
}

/** The config.json of an encoder. @throws ConfigError if it is not built as BERT is */
export function bertConfigOf(encoder: EncoderSettings): z.infer<typeof BertConfig> {
  if (encoder.normalisation !== 'post') {
    throw new ConfigError('BERT normalises after each sum: expected normalisation post, got pre');
  }
  return {
    model_type: 'bert',
    vocab_size: encoder.vocabulary,
    hidden_size: encoder.width,
    num_hidden_layers: encoder.layers,
    num_attention_heads: encoder.heads,
    intermediate_size: encoder.feedForward,
    max_position_embeddings: encoder.positions,
    type_vocab_size: encoder.segments,
    hidden_act: encoder.gelu === 'erf' ? 'gelu' : 'gelu_pytorch_tanh',
    layer_norm_eps: encoder.epsilon,
    hidden_dropout_prob: encoder.dropout,
    position_embedding_type: 'absolute',
    pad_token_id: 0,
  };
}

import { z } from 'zod';
import { ConfigError } from '../../contracts/errors.js';

/** Everything that the encoder's shapes and arithmetic depend on. */
export const EncoderSettings = z.object({
  vocabulary: z.int().positive(),
  positions: z.int().positive(), // longest sequence
  segments: z.int().positive(),
  layers: z.int().positive(),
  width: z.int().positive(),
  heads: z.int().positive(), // of width / heads each
  feedForward: z.int().positive(),
  /** LayerNorm after each residual sum, as BERT has it, or before each sublayer. */
  normalisation: z.enum(['post', 'pre']),
  gelu: z.enum(['erf', 'tanh']),
  epsilon: z.number().positive(), // of LayerNorm
  dropout: z.number().min(0).lt(1),
});
export type EncoderSettings = z.infer<typeof EncoderSettings>;

type Size = Pick<EncoderSettings, 'layers' | 'width' | 'heads' | 'feedForward'>;

/** Sizes of Turc et al. 2019, "Well-Read Students Learn Better"; base is BERT's. */
export const PRESETS = {
  tiny: { layers: 2, width: 128, heads: 2, feedForward: 512 },
  mini: { layers: 4, width: 256, heads: 4, feedForward: 1024 },
  small: { layers: 4, width: 512, heads: 8, feedForward: 2048 },
  base: { layers: 12, width: 768, heads: 12, feedForward: 3072 },
} as const satisfies Readonly<Record<string, Size>>;

/** Parameters that say how an encoder is built where it is not imported. */
export const encoderParams = {
  preset: z
    .enum(['tiny', 'mini', 'small', 'base'])
    .default('mini')
    .describe(
      'layers × width: 2×128, 4×256, 4×512, 12×768; a pretrained encoder brings its own size, and so for the rest down to segments',
    ),
  layers: z.int().positive().optional().describe("instead of the preset's"),
  width: z.int().positive().optional().describe("instead of the preset's"),
  heads: z.int().positive().optional().describe("instead of the preset's; divides the width"),
  feedForward: z.int().positive().optional().describe("inner width of a layer, instead of the preset's"),
  normalisation: z
    .enum(['post', 'pre'])
    .default('post')
    .describe(
      'LayerNorm after each sum, as BERT has it, or before each sublayer (trains more easily when deep)',
    ),
  positions: z.int().positive().default(512).describe('longest sequence of tokens'),
  segments: z.int().positive().default(2).describe('texts in a sequence; 2 for pairs'),
  dropout: z.number().min(0).lt(1).default(0.1).describe('of embeddings, attention, and sublayers'),
};
export type EncoderParams = z.infer<z.ZodObject<typeof encoderParams>>;

/** The encoder of these parameters. @throws ConfigError if the heads don't divide the width */
export function encoderOf(params: EncoderParams, vocabulary: number): EncoderSettings {
  const preset = PRESETS[params.preset];
  const { layers = preset.layers, width = preset.width, heads = preset.heads } = params;
  const { feedForward = preset.feedForward, normalisation, positions, segments, dropout } = params;
  if (width % heads !== 0) {
    throw new ConfigError(`model.heads: expected a divisor of the width ${width}, got ${heads}`);
  }
  const size = { layers, width, heads, feedForward };
  const rest = { gelu: 'erf', epsilon: 1e-12, dropout } as const;
  return { vocabulary, positions, segments, ...size, normalisation, ...rest };
}

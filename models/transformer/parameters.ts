import type { Tensor } from '../../contracts/matrix.js';
import type { Random } from '../../core/random.js';
import { ones, truncatedNormal, zeros } from '../network/initialisers.js';
import type { EncoderSettings } from './settings.js';

const DEVIATION = 0.02;

/** Scale (d,), 1, and shift (d,), 0, of a LayerNorm. */
export const normTensors = (name: string, width: number): Tensor[] => [
  ones(`${name}.gamma`, [width]),
  zeros(`${name}.beta`, [width]),
];

/** Kernel (in, out) and bias (out,) as BERT starts. */
export const projectionTensors = (name: string, from: number, to: number, random: Random): Tensor[] => [
  truncatedNormal(`${name}.kernel`, [from, to], DEVIATION, random),
  zeros(`${name}.bias`, [to]),
];

/** The encoder's parameters as training from nothing starts. */
export function encoderTensors(settings: EncoderSettings, random: Random): Tensor[] {
  const { vocabulary, positions, segments, width, layers, normalisation } = settings;
  const table = (name: string, rows: number): Tensor =>
    truncatedNormal(`embeddings.${name}`, [rows, width], DEVIATION, random);
  return [
    table('tokens', vocabulary),
    table('positions', positions),
    table('segments', segments),
    ...normTensors(normalisation === 'post' ? 'embeddings.norm' : 'norm', width),
    ...Array.from({ length: layers }, (_, layer) => layerTensors(`layers.${layer}`, settings, random)).flat(),
  ];
}

/** The projections to queries, keys and values lie side by side in one kernel (d, 3d). */
const layerTensors = (name: string, { width, feedForward }: EncoderSettings, random: Random): Tensor[] => [
  ...projectionTensors(`${name}.attention`, width, 3 * width, random),
  ...projectionTensors(`${name}.attended`, width, width, random),
  ...normTensors(`${name}.attended.norm`, width),
  ...projectionTensors(`${name}.inner`, width, feedForward, random),
  ...projectionTensors(`${name}.outer`, feedForward, width, random),
  ...normTensors(`${name}.outer.norm`, width),
];

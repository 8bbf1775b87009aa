import type { Batches, HostTensor } from '../contracts/engine.js';
import { seeded } from '../core/random.js';
import { askedOf, candidates, maskTokens, type MaskingSettings } from '../core/text/masking.js';
import type { RowReader } from '../models/network.js';

/**
 * Rows of a reader with some tokens hidden, as `maskedLanguageModel` takes them. Weights make the mean over rows the
 * mean over tokens.
 *
 * @param fixedSeed hides the same tokens of a row each time (to judge by); else they are drawn with every batch
 */
export function maskedBatches(
  reader: RowReader,
  rows: Int32Array,
  masking: MaskingSettings,
  fixedSeed?: number,
): Batches {
  const weight = rows.length / Math.max(1, askedOfAll(reader, rows, masking));
  return {
    rows: rows.length,
    read(chosen, draw) {
      const own = chosen.map((row) => rows[row]!);
      const { tokens, ...rest } = reader.read(own) as Record<string, HostTensor> & { tokens: HostTensor };
      const [count, length] = tokens.shape as [number, number];
      const drawn = fixedSeed === undefined ? draw : seeded(fixedSeed, `masked.${own.join()}`).next;
      const masked = maskTokens(tokens.data as Int32Array, length, masking, drawn);
      const shape = [count, masked.asked];
      return {
        ...rest,
        tokens: { shape: tokens.shape, data: masked.tokens },
        positions: { shape, data: masked.positions },
        labels: { shape, data: masked.labels },
        positionWeights: { shape, data: masked.present.map((present) => present * weight) },
      };
    },
  };
}

/** Tokens that all rows together are asked for. */
function askedOfAll(reader: RowReader, rows: Int32Array, { share, fixed }: MaskingSettings): number {
  let sum = 0;
  for (const row of rows) {
    const { tokens } = reader.read(Int32Array.of(row)) as Record<string, HostTensor>;
    sum += askedOf(candidates(tokens!.data as Int32Array, fixed).length, share);
  }
  return sum;
}

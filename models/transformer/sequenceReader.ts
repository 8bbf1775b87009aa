import type { HostTensor } from '../../contracts/engine.js';
import { ConfigError } from '../../contracts/errors.js';
import type { ModelInput, SequenceBatch } from '../../contracts/model.js';
import type { RowReader } from '../network.js';
import { bucketLength, largest, tokenCounts, tokensOf } from '../network/sequences.js';
import type { EncoderSettings } from './settings.js';

/** One or two texts a row. @throws ConfigError for features of another kind */
function texts(input: ModelInput): readonly SequenceBatch[] {
  if (input.kind === 'sequence') return [input.batch];
  if (input.kind === 'pair') return [input.first, input.second];
  throw new ConfigError(
    `model transformer: expected sequences of tokens, got ${input.kind}; choose another model`,
  );
}

/** The vocabulary of sequences or pairs. @throws ConfigError for features of another kind */
export const vocabularyOf = (input: ModelInput): number => texts(input)[0]!.vocabulary;

/**
 * Reads tokens (b, L), mask (b, L) and, for pairs, segments (b, L); the second text follows the first one's last token.
 *
 * @throws ConfigError if the encoder has another vocabulary, or takes fewer segments or shorter sequences
 */
export function sequenceReader(settings: EncoderSettings, input: ModelInput): RowReader {
  const parts = texts(input).map((batch) => ({ batch, counts: tokenCounts(batch) }));
  const rows = parts[0]!.batch.rows;
  const counts = Int32Array.from({ length: rows }, (_, row) =>
    parts.reduce((sum, part) => sum + part.counts[row]!, 0),
  );
  const longest = counts.reduce((most, count) => Math.max(most, count), 0);
  const { vocabulary, segments, positions } = settings;
  for (const { batch } of parts) expectAtMost('vocabulary', batch.vocabulary, vocabulary);
  expectAtMost('segments', parts.length, segments);
  expectAtMost('positions', longest, positions);
  const most = Math.min(
    positions,
    parts.reduce((sum, { batch }) => sum + batch.length, 0),
  );
  return {
    rows,
    size: (row) => counts[row]!,
    read(chosen) {
      const length = bucketLength(largest(counts, chosen), most);
      return parts.length === 1
        ? { tokens: tokensOf(parts[0]!.batch, chosen, length), mask: masks(counts, chosen, length) }
        : { ...joined(parts, chosen, length), mask: masks(counts, chosen, length) };
    },
  };
}

function expectAtMost(name: 'vocabulary' | 'segments' | 'positions', needed: number, most: number): void {
  if (needed <= most) return;
  throw new ConfigError(
    `model transformer: its encoder has ${name} ${most}, the input needs ${needed}; choose another encoder or shorter input`,
  );
}

function masks(counts: Int32Array, rows: Int32Array, length: number): HostTensor {
  const data = new Float32Array(rows.length * length);
  rows.forEach((row, i) => data.fill(1, i * length, i * length + counts[row]!));
  return { shape: [rows.length, length], data };
}

type Part = Readonly<{ batch: SequenceBatch; counts: Int32Array }>;

function joined(parts: readonly Part[], rows: Int32Array, length: number): Record<string, HostTensor> {
  const shape = [rows.length, length];
  const tokens = { shape, data: new Int32Array(rows.length * length) };
  const segments = { shape, data: new Int32Array(rows.length * length) };
  rows.forEach((row, i) => {
    let at = i * length;
    parts.forEach(({ batch, counts }, segment) => {
      const start = row * batch.length;
      const own = batch.tokens.subarray(start, start + counts[row]!);
      tokens.data.set(own, at);
      segments.data.fill(segment, at, at + own.length);
      at += own.length;
    });
  });
  return { tokens, segments };
}

/** How tokens are hidden from a model that has to guess them. */
export interface MaskingSettings {
  /** Share of a row's tokens that it is asked for. */
  readonly share: number;
  readonly mask: number; // id of [MASK]
  /** Ids that are never asked for: padding, [CLS], [SEP]. */
  readonly fixed: ReadonlySet<number>;
  /** What a token is replaced by where it is not masked: an id out of these. */
  readonly ordinary: Int32Array;
}

/** A batch with some of its tokens hidden. */
export interface MaskedTokens {
  readonly tokens: Int32Array; // (b × L,)
  readonly asked: number; // m, the most that a row may be asked for
  readonly positions: Int32Array; // (b × m,), within the row, ascending
  readonly labels: Int32Array; // (b × m,), what stood there
  readonly present: Float32Array; // (b × m,), 0 where a row is asked for fewer
}

const MASKED = 0.8;
const REPLACED = 0.9;

/** Number of tokens that a row with so many candidates is asked for. */
export const askedOf = (candidates: number, share: number): number =>
  candidates === 0 ? 0 : Math.max(1, Math.round(candidates * share));

/**
 * Asks for a share of every row's tokens: of these 80% become [MASK], 10% another token, 10% stay as they are.
 *
 * @param tokens (rows × length,)
 * @param draw uniform in [0, 1)
 * @source Devlin et al. 2019, "BERT", section 3.1
 */
export function maskTokens(
  tokens: Int32Array,
  length: number,
  settings: MaskingSettings,
  draw: () => number,
): MaskedTokens {
  const rows = tokens.length / length;
  const asked = askedOf(length, settings.share);
  const hidden = tokens.slice();
  const positions = new Int32Array(rows * asked);
  const labels = new Int32Array(rows * asked);
  const present = new Float32Array(rows * asked);
  for (let row = 0; row < rows; row++) {
    const own = tokens.subarray(row * length, (row + 1) * length);
    const chosen = choose(candidates(own, settings.fixed), settings.share, draw);
    chosen.forEach((position, i) => {
      const at = row * asked + i;
      positions[at] = position;
      labels[at] = own[position]!;
      present[at] = 1;
      hidden[row * length + position] = replacement(own[position]!, settings, draw);
    });
  }
  return { tokens: hidden, asked, positions, labels, present };
}

/** Positions of the tokens that may be asked for. */
export const candidates = (tokens: Int32Array, fixed: ReadonlySet<number>): Int32Array =>
  Int32Array.from(tokens.keys()).filter((position) => !fixed.has(tokens[position]!));

function choose(from: Int32Array, share: number, draw: () => number): Int32Array {
  const count = askedOf(from.length, share);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(draw() * (from.length - i));
    [from[i], from[j]] = [from[j]!, from[i]!];
  }
  return from.subarray(0, count).sort();
}

function replacement(token: number, { mask, ordinary }: MaskingSettings, draw: () => number): number {
  const fate = draw();
  if (fate < MASKED) return mask;
  return fate < REPLACED ? ordinary[Math.floor(draw() * ordinary.length)]! : token;
}

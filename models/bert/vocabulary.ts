import { ConfigError } from '../../contracts/errors.js';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/**
 * The tokens of a vocab.txt; a token's place is its id.
 *
 * @param size of the encoder's vocabulary, which may have a few unused ids behind the last token
 * @throws ConfigError if tokens are too many or twice there, a special one is missing, or [PAD] is not the first
 */
export function parseVocabulary(text: string, size: number): string[] {
  const tokens = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const known = new Set(tokens);
  const missing = SPECIAL.filter((token) => !known.has(token));
  const problem =
    missing.length > 0
      ? `${missing.join(', ')} missing`
      : tokens[0] !== '[PAD]'
        ? `expected [PAD] as the first token, got ${tokens[0]}`
        : known.size < tokens.length
          ? `${tokens.length - known.size} tokens are there twice`
          : tokens.length > size
            ? `expected at most ${size} tokens, as config.json has it, got ${tokens.length}`
            : undefined;
  if (problem === undefined) return tokens;
  throw new ConfigError(`vocab.txt: ${problem}; is it of this checkpoint?`);
}

/** The content of a vocab.txt. */
export const formatVocabulary = (tokens: readonly string[]): string => `${tokens.join('\n')}\n`;

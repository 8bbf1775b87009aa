/** How BERT's basic tokenizer is told to cut. */
export interface BasicTokenizerSettings {
  /** Lower-cases and strips accents, as BERT's uncased models do. */
  readonly lowerCase: boolean;
}

const ASCII = /^[\t\n\r\x20-\x7e]*$/;
const ASCII_WORDS = /[A-Za-z0-9]+|[!-/:-@[-`{-~]/g;
// What Unicode calls "other": controls, formats, private use. Tab and line ends count as spaces.
const DROPPED = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const HAN =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const ACCENTS = /\p{Mn}/gu;
const WORDS = /[$+<=>^`|~]|\p{P}|[^\s$+<=>^`|~\p{P}]+/gu;
const SIGMA = /Σ/g;

/**
 * Words of a text as BERT has them: controls dropped, Chinese characters apart, lower-cased without accents where asked,
 * cut at white space, every punctuation character a word of its own.
 *
 * @source Hugging Face tokenizers, BertNormalizer and BertPreTokenizer, whose words these are
 */
export function basicWords(text: string, { lowerCase }: BasicTokenizerSettings): string[] {
  if (ASCII.test(text)) return (lowerCase ? text.toLowerCase() : text).match(ASCII_WORDS) ?? [];
  const apart = text.replace(DROPPED, '').replace(HAN, ' $& ');
  return (lowerCase ? lowered(apart.normalize('NFD').replace(ACCENTS, '')) : apart).match(WORDS) ?? [];
}

/** Character by character: JavaScript alone writes a final sigma differently. */
const lowered = (text: string): string => text.replace(SIGMA, 'σ').toLowerCase();

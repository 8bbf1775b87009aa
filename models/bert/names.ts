/** A tensor of ours, and what Hugging Face calls its parts. */
export interface Correspondence {
  readonly ours: string;
  /** Side by side along our last axis. */
  readonly theirs: readonly string[];
  /** PyTorch keeps kernels as (out, in), we as (in, out). */
  readonly transposed: boolean;
}

const same = (ours: string, theirs: string): Correspondence => ({
  ours,
  theirs: [theirs],
  transposed: false,
});

const linear = (ours: string, ...theirs: readonly string[]): Correspondence[] => [
  { ours: `${ours}.kernel`, theirs: theirs.map((name) => `${name}.weight`), transposed: true },
  { ours: `${ours}.bias`, theirs: theirs.map((name) => `${name}.bias`), transposed: false },
];

const norm = (ours: string, theirs: string): Correspondence[] => [
  same(`${ours}.gamma`, `${theirs}.weight`),
  same(`${ours}.beta`, `${theirs}.bias`),
];

function layer(number: number): Correspondence[] {
  const [ours, theirs] = [`layers.${number}`, `encoder.layer.${number}`];
  const attention = `${theirs}.attention`;
  return [
    ...linear(`${ours}.attention`, ...['query', 'key', 'value'].map((part) => `${attention}.self.${part}`)),
    ...linear(`${ours}.attended`, `${attention}.output.dense`),
    ...norm(`${ours}.attended.norm`, `${attention}.output.LayerNorm`),
    ...linear(`${ours}.inner`, `${theirs}.intermediate.dense`),
    ...linear(`${ours}.outer`, `${theirs}.output.dense`),
    ...norm(`${ours}.outer.norm`, `${theirs}.output.LayerNorm`),
  ];
}

/** The encoder, as `BertModel` calls its parts. */
export const encoderNames = (layers: number): Correspondence[] => [
  same('embeddings.tokens', 'embeddings.word_embeddings.weight'),
  same('embeddings.positions', 'embeddings.position_embeddings.weight'),
  same('embeddings.segments', 'embeddings.token_type_embeddings.weight'),
  ...norm('embeddings.norm', 'embeddings.LayerNorm'),
  ...Array.from({ length: layers }, (_, number) => layer(number)).flat(),
];

/** What stands between the first token's state and a classifier; of `BertModel` too. */
export const poolerNames: readonly Correspondence[] = linear('pooler', 'pooler.dense');

/** The masked-language head of `BertForMaskedLM`. */
export const languageNames: readonly Correspondence[] = [
  ...linear('language', 'cls.predictions.transform.dense'),
  ...norm('language.norm', 'cls.predictions.transform.LayerNorm'),
  same('language.tokens.bias', 'cls.predictions.bias'),
];

/** The classifier of `BertForSequenceClassification`. */
export const classifierNames: readonly Correspondence[] = linear('head', 'classifier');

import type { PredictionExplanation } from '../activities/explainPrediction.js';
import type { TextPart } from '../contracts/detail.js';
import { count, percent, signed } from '../report/format.js';
import { factLines, prose, tableLines } from './table.js';
import { plainText, type Terminal } from './terminal.js';

type Screen = Pick<Terminal, 'columns' | 'colors'>;

const SHOWN_WORDS = 6;
const SHOWN_SHARED = 3;

/** Why the final model says what it says, for people: the text with its words coloured, then the strongest of them. */
export function predictionLines(found: PredictionExplanation, terminal: Screen): string[] {
  const {
    predicted,
    probability,
    toward,
    against,
    output,
    baseline,
    parts,
    rest,
    counterfactuals,
    influences,
    shared = [],
  } = found;
  const words = strongest(parts, rest);
  const sample = (list: PredictionExplanation['counterfactuals']): string[][] =>
    list.map(({ id, label, value }) => [id, label, signed(value)]);
  const table = (title: string, head: string, list: PredictionExplanation['counterfactuals']): string[] =>
    list.length === 0
      ? []
      : [
          '',
          terminal.colors.bold(prose(title, terminal)),
          ...tableLines([{ head: 'id' }, { head: 'label' }, { head, numeric: true }], sample(list), terminal),
        ];
  return [
    ...factLines(
      [
        ['final model', `${found.model}: ${predicted} with probability ${percent(probability, 1)}`],
        [
          'why',
          `${toward} rather than ${against}: log-odds ${signed(output, 2)}, of which ${signed(baseline, 2)} without any input`,
        ],
        ['text', coloured(parts, terminal)],
        [
          'strongest',
          words.map(({ name, value }) => `${name} ${signed(value, 2)}`).join(', ') || 'nothing counts',
        ],
        ...shared
          .slice(0, SHOWN_SHARED)
          .map(({ name, terms, value }): [string, string] => [
            'one feature',
            `${name} counts ${terms.map((term) => `"${term}"`).join(', ')} together: ${signed(value, 2)}`,
          ]),
      ],
      terminal,
    ),
    ...table('most alike, with another label than predicted', 'cosine', counterfactuals),
    ...table(`training samples that support ${predicted}`, 'influence', influences?.support ?? []),
    ...table(`training samples that oppose ${predicted}`, 'influence', influences?.oppose ?? []),
    ...(influences && influences.checkpoints > 1
      ? [
          '',
          prose(
            `Influence is TracIn of the last layer, over ${influences.checkpoints} epochs, among the ${count(influences.among)} training samples most like it.`,
            terminal,
          ),
        ]
      : []),
  ];
}

/** Words for the class in green, words against it in red; where there are no colours, the strongest are listed anyway. */
function coloured(parts: readonly TextPart[], { colors }: Screen): string {
  const most = parts.reduce((top, { value }) => Math.max(top, Math.abs(value)), 0);
  return parts
    .map(({ text, value }) => {
      const plain = plainText(text).replace(/\s+/gu, ' ');
      if (most === 0 || Math.abs(value) < 0.1 * most) return plain;
      return value > 0 ? colors.green(plain) : colors.red(plain);
    })
    .join('');
}

function strongest(parts: readonly TextPart[], rest: PredictionExplanation['rest']) {
  const sums = new Map<string, number>();
  for (const { text, value } of parts) {
    const name = plainText(text).trim().toLowerCase();
    if (name !== '') sums.set(name, (sums.get(name) ?? 0) + value);
  }
  for (const { name, value } of rest) sums.set(plainText(name), (sums.get(plainText(name)) ?? 0) + value);
  return [...sums]
    .map(([name, value]) => ({ name, value }))
    .filter(({ value }) => Math.abs(value) >= 0.005)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, SHOWN_WORDS);
}

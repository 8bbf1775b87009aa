import type { ClassExplanation, RunDetail } from '../contracts/detail.js';
import { rowsByClass, wordShares } from '../core/explain/classWords.js';
import { softmaxRows } from '../core/probability.js';
import { explainRows, type ExplainedRow, type Explainer } from './attribution.js';
import { firstParts } from './markedTexts.js';
import { fewRows, type SampleTable } from './prepared.js';

const MOST_CLASSES = 200;
const MOST_WORDS = 8;
/** Of the text that is shown of a class. */
const MOST_CHARACTERS = 200;
const MOST_ROWS = 2_000;
/** Rows that are taken apart, of a class and in all: exact contributions cost little, integrated gradients much. */
const ROWS = { exact: { ofClass: 60, inAll: 6_000 }, network: { ofClass: 12, inAll: 180 } } as const;
/** Beside a class's own rows half as many that come near. */
const NEAR = 1.5;

/** Training rows among which those to take apart are chosen, ascending. */
export function rowsToExplain({ ids, split }: SampleTable): Int32Array {
  const training = Int32Array.from(ids.keys()).filter((row) => split[row] === 0);
  const step = Math.max(1, Math.ceil(training.length / MOST_ROWS));
  return training.filter((_, i) => i % step === 0);
}

/** What the final model looks at to say each class: the words of some training texts, and one text in colours. */
export function classExplanations(
  samples: SampleTable,
  explainer: Explainer,
  isNetwork: boolean,
): NonNullable<RunDetail['explanations']> {
  const { model, input, outputs } = explainer;
  const rows = rowsToExplain(samples);
  const probabilities = softmaxRows(model.predictLogits(fewRows(input, rows)), outputs);
  const { ofClass, inAll } = isNetwork ? ROWS.network : ROWS.exact;
  const each = Math.min(ofClass, Math.max(2, Math.floor(inAll / (NEAR * outputs))));
  const found = rowsByClass(probabilities, outputs, each);
  const most = Math.min(MOST_CLASSES, Math.floor(inAll / (NEAR * each)));
  return {
    of: found.length,
    classes: found.slice(0, most).map(({ code, own, near, typical }): ClassExplanation => {
      const places = [typical, ...own.filter((place) => place !== typical), ...near];
      const asked = places.map((place) => ({ row: rows[place]!, toward: code, against: 'others' as const }));
      const explained = explainRows(explainer, asked);
      return {
        name: samples.classes[code]!,
        texts: explained.length,
        ...wordShares(explained, MOST_WORDS),
        example: {
          id: samples.ids[rows[typical]!]!,
          probability: probabilities[typical * outputs + code]!,
          ...shown(explained[0]!),
        },
      };
    }),
  };
}

/** The first parts of a text, and what is left of its log-odds. */
function shown({ parts: all, output, baseline }: ExplainedRow) {
  const parts = firstParts(all, MOST_CHARACTERS);
  const told = parts.reduce((sum, { value }) => sum + value, 0);
  return { parts, output, baseline, rest: output - baseline - told };
}

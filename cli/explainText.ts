import type { RelatedSample, SampleExplanation } from '../activities/explainSample.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import type { WeightStep } from '../core/explain/weightHistory.js';
import { cut } from '../core/text/columns.js';
import { count, decimal, percent } from '../report/format.js';
import { predictionLines } from './predictionText.js';
import { factLines, tableLines } from './table.js';
import { plainText, type Terminal } from './terminal.js';

type Screen = Pick<Terminal, 'columns' | 'colors'>;

const SHOWN_CELL = 400;
const SHOWN_DUPLICATES = 6;
const MODELS = { outOfFold: 'inner folds', uniform: 'uniform', final: 'final' } as const;

/** Why a sample weighs what it weighs, for people. */
export function explanationLines(found: SampleExplanation, terminal: Screen): string[] {
  const title = (text: string): string[] => ['', terminal.colors.bold(text)];
  const { sample, weights, predictions, neighbours } = found;
  return [
    terminal.colors.bold(`${found.id} in ${found.runId}`),
    ...(found.quarantined.length > 0 ? factLines(quarantineFacts(found), terminal) : []),
    ...(sample ? factLines(facts(found), terminal) : []),
    ...(weights && weights.steps.length > 0
      ? [...title('what each round did to its weight'), ...stepLines(weights.steps, terminal)]
      : []),
    ...(predictions.length > 0 ? [...title('models that never saw it'), ...unitLines(found, terminal)] : []),
    ...(found.prediction
      ? [...title('why the final model says so'), ...predictionLines(found.prediction, terminal)]
      : []),
    ...(neighbours.length > 0
      ? [...title('nearest samples by features'), ...neighbourLines(found, terminal)]
      : []),
  ];
}

type Facts = (readonly [string, string])[];

const quarantineFacts = ({ quarantined, sample }: SampleExplanation): Facts =>
  quarantined.flatMap(({ stage, rule, reason, record, file, line }): Facts => [
    [sample ? 'put aside too' : 'put aside', `by ${stage}, rule ${rule}: ${reason}`],
    ...(file === null ? [] : [['from', `${file}, line ${line}`] as const]),
    ['record', shown(record)],
  ]);

function facts(found: SampleExplanation): Facts {
  const { sample, score, weights, suggestion, duplicates, duplicatesConflict } = found;
  const { split, label, columns } = sample!;
  const others = Object.entries(weights?.steps[0]?.tried ?? {}).filter(([name]) => name !== weights?.policy);
  return [
    ...Object.entries(columns).map(([name, value]) => [name, shown(String(value ?? '–'))] as const),
    ['split', split],
    ['label', label],
    ...(suggestion
      ? [
          [
            'suggested',
            `${suggestion.label} with probability ${decimal(suggestion.probability)}; the given label has ` +
              `${decimal(suggestion.givenProbability)}`,
          ] as const,
        ]
      : []),
    ...(suggestion?.labelIsRight == null
      ? []
      : [
          [
            'label is right',
            `with probability ${decimal(suggestion.labelIsRight)}, by the noise model`,
          ] as const,
        ]),
    ...(score
      ? [
          [
            'score',
            `${score.estimator} ${decimal(score.value)}: rank ${count(score.rank)} of ${count(score.of)} from the ` +
              `bottom, above ${percent(score.percentile, 1)}`,
          ] as const,
        ]
      : []),
    ...(weights
      ? [['weight', `${decimal(weights.weight)} by ${weights.policy} (the mean is 1)`] as const]
      : []),
    ...(others.length > 0
      ? [['other policies', others.map(([name, weight]) => `${name} ${decimal(weight)}`).join(', ')] as const]
      : []),
    ['near-duplicates', duplicateWords(duplicates, duplicatesConflict, label)],
  ];
}

function duplicateWords(others: readonly RelatedSample[], isConflict: boolean, label: string): string {
  if (others.length === 0) return 'none';
  const list = others
    .slice(0, SHOWN_DUPLICATES)
    .map((other) => `${other.id} (${other.split}${other.label === label ? '' : `, ${other.label}`})`)
    .join(', ');
  const more = others.length > SHOWN_DUPLICATES ? ` and ${count(others.length - SHOWN_DUPLICATES)} more` : '';
  return `${list}${more}; ${isConflict ? 'they disagree on the label' : 'all with the same label'}`;
}

function stepLines(steps: readonly WeightStep[], terminal: Screen): string[] {
  return steps.flatMap((step) =>
    factLines(
      [
        [
          `round ${step.round}`,
          `${step.before === step.after ? `stays ${decimal(step.after)}` : `${decimal(step.before)} → ${decimal(step.after)}`}` +
            `${sliceWords(step)}. ${step.reason}`,
        ],
      ],
      terminal,
    ),
  );
}

function sliceWords({ slice, inSlice }: WeightStep): string {
  if (slice === null || inSlice === null) return '';
  return `; it is ${inSlice ? 'in' : 'outside of'} the slice ${slice}`;
}

function unitLines({ predictions, sample }: SampleExplanation, terminal: Screen): string[] {
  const headings = [
    { head: 'trained on' },
    { head: 'model' },
    { head: 'predicts' },
    { head: 'with', numeric: true },
    { head: 'p(given)', numeric: true },
  ];
  const rows = predictions.map(({ unit, model, predicted, probability, givenProbability }) => [
    unit === FULL_UNIT ? 'all rows' : `all but fold ${unit + 1}`,
    MODELS[model],
    predicted === sample?.label ? predicted : `${predicted} ≠`,
    decimal(probability),
    decimal(givenProbability),
  ]);
  return tableLines(headings, rows, terminal);
}

function neighbourLines({ neighbours, sample }: SampleExplanation, terminal: Screen): string[] {
  const headings = [{ head: 'id' }, { head: 'split' }, { head: 'label' }, { head: 'cosine', numeric: true }];
  const rows = neighbours.map(({ id, split, label, cosine }) => [
    id,
    split,
    label === sample?.label ? label : `${label} ≠`,
    decimal(cosine),
  ]);
  return tableLines(headings, rows, terminal);
}

const shown = (text: string): string => cut(plainText(text).replace(/\s+/gu, ' '), SHOWN_CELL);

import type { ModelDraft } from '../contracts/registry.js';
import type { Analysis, GateDecision } from '../contracts/summary.js';
import { count, decimal, interval, percent, signed } from './format.js';

/** What a card tells of: a model before it has a version, and what was found of it. */
export interface CardFacts extends Omit<ModelDraft, 'artifacts'> {
  readonly artifacts: Omit<ModelDraft['artifacts'], 'card'>;
  readonly classes: readonly string[];
  readonly analysis: Analysis | null;
  readonly decision: GateDecision | null;
}

const SHOWN_CLASSES = 40;
const SHOWN_SLICES = 10;

/**
 * A model card in Markdown, from recorded facts alone: what the model is for, what it was made of, how good it is and
 * where it is weak. The same facts give the same characters; it tells no time and no version, so that it can be hashed.
 *
 * @source Mitchell et al., Model Cards for Model Reporting, FAT* 2019
 */
export function renderModelCard(facts: CardFacts): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Intended use', intendedUse(facts)],
    ['Training', training(facts)],
    ['Quality on the test split', quality(facts)],
    ['By class', byClass(facts)],
    ['Weak slices', weakSlices(facts)],
    ['Gate', gate(facts)],
    ['How a row is treated before prediction', treatment(facts)],
    ['Lineage', lineage(facts)],
    ['Configuration', configuration(facts)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `## ${title}\n\n${lines.join('\n')}\n`)
    .join('\n');
}

/** Text of others as Markdown: nothing in it is markup, and it stays on its line. */
const plain = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    // eslint-disable-next-line no-control-regex -- these are what we remove
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
    .replace(/[\\`*_{}[\]<>|#~&]/g, (sign) => `\\${sign}`);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const listed = (names: readonly string[], most: number): string =>
  names.slice(0, most).map(plain).join(', ') +
  (names.length > most ? `, and ${count(names.length - most)} more` : '');

function intendedUse({ task, columns, classes, policy, artifacts }: CardFacts): string[] {
  const { text, attributes, numeric, categorical, vectors = {}, target } = columns;
  const read = [...text, ...attributes, ...numeric, ...categorical, ...Object.keys(vectors)];
  return [
    `- Task: ${plain(task)}. Predicts \`${plain(target)}\` from ${listed(read, SHOWN_CLASSES)}.`,
    `- Answers are one of ${count(classes.length)} classes: ${listed(classes, SHOWN_CLASSES)}. It has no answer "none of them".`,
    `- It was trained on rows like those of dataset \`${artifacts.dataset.sha256.slice(0, 12)}\`; of other sources, languages or times nothing was measured.`,
    ...(policy === 'uniform'
      ? []
      : [
          '- Probabilities come from a model whose training rows were weighted: look at the calibration below before you use them as such.',
        ]),
  ];
}

function training({ model, policy, seed, artifacts, engine }: CardFacts): string[] {
  const parameters = Object.entries(model).filter(([name]) => name !== 'name');
  const told = parameters.map(([name, value]) => `${plain(name)} ${plain(JSON.stringify(value))}`).join(', ');
  return [
    `- Model: ${plain(model.name)}${told === '' ? '' : ` (${told})`}; engine setting ${engine}`,
    `- Rows after cleaning, all sides: ${count(artifacts.dataset.rows)}`,
    `- Weights of the training rows: ${plain(policy)}`,
    `- Seed: ${seed}`,
  ];
}

function quality({ metrics, analysis }: CardFacts): string[] {
  if (!analysis) return ['Not measured: the analysis was skipped.'];
  const uniform = analysis.arms.find(({ name }) => name === 'uniform')?.metrics;
  const rows = Object.entries(metrics).map(([name, estimate]) => {
    const other = uniform?.[name];
    return [
      name === analysis.metric ? `**${plain(name)}**` : plain(name),
      decimal(estimate.value),
      interval(estimate),
      other ? signed(estimate.value - other.value) : '',
    ];
  });
  const opened = `The test split was opened ${analysis.testOpenings === 1 ? 'once' : `${analysis.testOpenings} times`}, this time included.`;
  const off = analysis.calibration.filter(({ count: rowsOf }) => rowsOf > 0);
  const worst = [...off].sort(
    (a, b) => Math.abs(b.confidence - b.accuracy) - Math.abs(a.confidence - a.accuracy),
  )[0];
  return [
    ...table(['metric', 'value', '95% interval', 'against uniform weights'], rows),
    '',
    opened,
    ...(worst
      ? [
          `Calibration is furthest off where it says ${percent(worst.confidence)}: there ${percent(worst.accuracy)} are right (${count(worst.count)} rows).`,
        ]
      : []),
  ];
}

function byClass({ analysis }: CardFacts): string[] {
  if (!analysis) return [];
  const worst = [...analysis.perClass].sort((a, b) => a.f1 - b.f1).slice(0, SHOWN_CLASSES);
  const rows = worst.map(({ name, support, precision, recall, f1 }) => [
    plain(name),
    count(support),
    ...[precision, recall, f1].map((value) => decimal(value)),
  ]);
  const left = analysis.perClass.length - worst.length;
  return [
    ...table(['class (lowest F1 first)', 'test rows', 'precision', 'recall', 'F1'], rows),
    ...(left > 0 ? ['', `${count(left)} classes with a higher F1 are in the run's report.`] : []),
  ];
}

function weakSlices({ analysis }: CardFacts): string[] {
  const slices = analysis?.slices.slice(0, SHOWN_SLICES) ?? [];
  if (slices.length === 0) return [];
  const rows = slices.map(({ name, support, weighted }) => [
    plain(name),
    count(support),
    decimal(weighted.value),
    interval(weighted),
  ]);
  return table(['slice', 'test rows', plain(analysis!.metric), '95% interval'], rows);
}

function gate({ decision }: CardFacts): string[] {
  if (!decision) return ['Skipped: nothing was compared.'];
  const rows = decision.checks.map(({ name, passed, found, allowed }) => [
    plain(name),
    passed ? 'passed' : '**failed**',
    plain(found),
    plain(allowed),
  ]);
  return [plain(decision.reason), '', ...table(['check', '', 'found', 'allowed'], rows)];
}

function treatment({ treatment: { clip, fill } }: CardFacts): string[] {
  const rules = [
    ...clip.map(({ column, low, high }) => `- \`${plain(column)}\` is clipped to ${low} … ${high}`),
    ...fill.map(
      ({ column, value }) => `- a missing \`${plain(column)}\` becomes ${plain(JSON.stringify(value))}`,
    ),
  ];
  return [
    ...rules,
    `${rules.length === 0 ? 'Nothing is clipped or filled in. ' : ''}Rows that cleaning would have dropped from training are answered like others.`,
  ];
}

function lineage({ runId, artifacts, stages }: CardFacts): string[] {
  const kept = Object.entries(artifacts).flatMap(([name, ref]) =>
    ref ? [[name, `\`${ref.kind}/${ref.sha256}\``]] : [],
  );
  const made = stages.map(({ path, stageKey, codeVersion }) => [
    plain(path),
    `\`${stageKey.slice(0, 12)}\``,
    `\`${codeVersion.slice(0, 12)}\``,
  ]);
  return [
    `Run \`${plain(runId)}\`.`,
    '',
    ...table(['artifact', 'content'], kept),
    '',
    ...table(['stage', 'key', 'code version'], made),
  ];
}

function configuration({ config }: CardFacts): string[] {
  const text = JSON.stringify(config, null, 2).replaceAll('`', '\\u0060');
  return ['```json', text, '```'];
}

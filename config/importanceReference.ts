import { z } from 'zod';
import { estimators, type ImportanceEstimator } from '../core/importance/index.js';

const all: readonly ImportanceEstimator[] = estimators;

const INTRODUCTION = `# Importance estimators

Made from the registry (\`ASSAY_UPDATE_DOCS=1 npm test -- docs/importance\`). An estimator gives one signed score a sample; higher always
means worth more. A policy (\`loop.policies\`) makes weights of scores. Scores, policies and the pure functions behind them are also a
library: see [library.md](library.md).

## Which one

- **Nothing to decide**: \`importance: auto\`, the default: \`pvi\`, every policy of \`loop.policies\` over the grid of regularisation, judged by a nested
  permutation test against retuned uniform weights. Report and \`assay show\` say what was chosen, why, and what it cost.
- **Label errors in any classification**: \`noise_posterior\` or \`self_confidence\` for a list; \`confident_learning\` when you want to know how many.
- **Weights for training**: \`pvi\` with \`clip\`, judged by the run's own permutation test; no single one is a safe default.
- **One network run instead of k**: \`aum\` or \`cartography\` over its training dynamics (never the in-sample confidence of the last epoch).
- **A small validation set that you trust**: \`knn_shapley\`, \`influence\`, \`learning_to_reweight\`, \`loss_val\`. In a run each inner fold is the
  validation side in turn, with the same noise as the rest: there those that look at gradients (\`influence\`, \`loo\`, \`learning_to_reweight\`) are weak,
  since removing noise doesn't lower a noisy loss.
- **Pruning**: \`semdedup\` for what repeats, \`facility_location\` and \`k_center\` for a small set that covers the rest.
- **Ranking**: \`query_pvi\` for pair- and listwise losses, \`item_pvi\` for pointwise ones, \`listwise_pvi\` for grades shuffled inside a query.
- **Clicks and other targets that are random by nature**: none that uses label surprise; a run refuses them.

Beside scores: \`importance.reliability.repeats\` scores by several cross-fits and draws weights to 1 as far as they disagree; \`importance.source\` reports
a noise rate of each vendor, annotator or session, shrunken to all, and the policy \`source_noise\` weighs by it. In the library these are
\`scoreReliability\`, \`shrinkByReliability\`, \`sourceNoise\`; \`queryFolds\` cuts a ranking by query and purges duplicates of held-out items.

Every estimator can be \`importance.estimator\` of a run; [evidence.md](evidence.md) says what the run makes for it. What can't be had is refused before
the run starts: a ranking estimator without \`dataset.columns.group\`, one that reads features with a model that reads tokens.
`;

/** What docs/importance.md says: every estimator, from the registry. */
export function importanceReference(): string {
  return [
    INTRODUCTION,
    '## All estimators',
    '',
    '| name | score | unit | higher means | needs | cost | use it for |',
    '|---|---|---|---|---|---|---|',
    ...all.map(row),
    '',
    '## Sources and parameters',
    '',
    ...all.flatMap(section),
  ].join('\n');
}

function row(estimator: ImportanceEstimator): string {
  const { name, notes, unit, requires } = estimator;
  const cells = [
    `\`${name}\``,
    notes.formula,
    unit,
    notes.higherMeans,
    requires.join(', ') || 'nothing',
    notes.cost,
    notes.use,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const Parameters = z.object({
  properties: z
    .record(z.string(), z.object({ description: z.string().optional(), default: z.unknown().optional() }))
    .default({}),
});

function section({ name, notes, paramsSchema, usesLabelSurprise }: ImportanceEstimator): string[] {
  const { properties } = Parameters.parse(z.toJSONSchema(paramsSchema, { io: 'input' }));
  const parameters = Object.entries(properties).map(([key, { description = '', default: value }]) => {
    const otherwise = value === undefined ? '' : ` (${JSON.stringify(value)})`;
    return `- \`${key}\`${otherwise}: ${description}`;
  });
  const surprise = usesLabelSurprise ? ' Uses label surprise.' : '';
  return [
    `### ${name}`,
    '',
    `${notes.source}.${surprise}`,
    '',
    ...parameters,
    ...(parameters.length > 0 ? [''] : []),
  ];
}

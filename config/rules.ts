import { credentialsIn } from '../contracts/credentials.js';
import type { Model } from '../contracts/model.js';
import { estimators, type ImportanceEstimator } from '../core/importance/index.js';
import { taskName } from '../contracts/settings.js';
import { taskNamed, taskOf, type Task } from '../core/tasks/index.js';
import { models } from '../models/index.js';
import { columnsOfRule } from '../core/knowledge/rules.js';
import { pretrainerOf } from '../models/pretraining.js';
import { clickNeeds } from './clickRules.js';
import type { ConfigIssue } from './issues.js';
import { engineNeeds } from './engineRules.js';
import { joinNeeds } from './joinRules.js';
import { inQueryNeeds, ngramNeeds } from './featureRules.js';
import type { RunConfig } from './runConfig.js';
import { scheduleNeeds } from './scheduleRules.js';
import { surpriseRefused } from './surprise.js';
import { tuneNeeds } from './tuneRules.js';
import { vectorNeeds } from './vectorRules.js';

/** Names of an artifact's own columns: a feature column can't be called so (contract of the table `dataset`). */
const RESERVED = ['id', 'split', 'target', 'group', 'event_time'];
const SHARE_TOLERANCE = 1e-6;

/** Mistakes that no single value shows: parts that don't fit together. */
export const findConflicts = (config: RunConfig): readonly ConfigIssue[] => [
  ...columnParts(config),
  ...engineNeeds(config),
  ...joinNeeds(config),
  ...splitNeeds(config),
  ...vectorNeeds(config),
  ...ngramNeeds(config),
  ...inQueryNeeds(config),
  ...noiseNeedsBuiltIn(config),
  ...taskNeeds(config),
  ...modelNeeds(config),
  ...estimatorNeeds(config),
  ...surpriseRefused(config),
  ...clickNeeds(config),
  ...sourceNeeds(config),
  ...budgetNeeds(config),
  ...tuneNeeds(config),
  ...knowledgeNeeds(config),
  ...augmentNeeds(config),
  ...scheduleNeeds(config),
  ...notifyNeeds(config),
  ...noCredentials(config),
];

function columnParts({ dataset: { columns } }: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const parts = new Map<string, string>();
  const claim = (column: string, part: string, path: readonly PropertyKey[]): void => {
    const taken = parts.get(column);
    if (taken !== undefined && !(taken === 'group' && part === 'categorical')) {
      issues.push({ path, message: `the column "${column}" is ${taken} already; a column plays one part` });
    }
    parts.set(column, taken ?? part);
  };
  for (const part of ['target', 'id', 'group', 'time', 'split', 'propensity'] as const) {
    const column = columns[part];
    if (column !== undefined) claim(column, part, ['dataset', 'columns', part]);
  }
  let features = 0;
  for (const part of ['text', 'attributes', 'numeric', 'categorical'] as const) {
    for (const [index, column] of columns[part].entries()) {
      const path = ['dataset', 'columns', part, index];
      features += 1;
      claim(column, part, path);
      const isOwn = column === columns.group && part === 'categorical';
      if (
        RESERVED.includes(column) &&
        (isOwn || !parts.get(column)?.match(/^(target|id|group|time|split)$/))
      ) {
        issues.push({ path, message: reservedName(column) });
      }
    }
  }
  for (const column of Object.keys(columns.vectors ?? {})) {
    const path = ['dataset', 'columns', 'vectors', column];
    features += 1;
    claim(column, 'vectors', path);
    if (RESERVED.includes(column)) issues.push({ path, message: reservedName(column), atKey: true });
  }
  if (features === 0) {
    const message =
      'no column to learn from; name at least one under text, attributes, numeric, categorical or vectors';
    issues.push({ path: ['dataset', 'columns'], message, atKey: true });
  }
  return issues;
}

const reservedName = (column: string): string =>
  `a feature can't be called "${column}", which Assay uses itself; rename the column`;

function splitNeeds({ task, dataset: { split, columns, duplicateIds } }: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const path = ['dataset', 'split', 'by'];
  if (split.by === 'column' && columns.split === undefined) {
    issues.push({
      path,
      message: 'split by column needs dataset.columns.split: the column that says the side',
    });
  }
  if ((split.by === 'time' || split.by === 'lastOfGroup') && columns.time === undefined) {
    issues.push({
      path,
      message: `split by ${split.by} needs dataset.columns.time: the column that says when`,
    });
  }
  if (split.by === 'lastOfGroup') issues.push(...lastNeeds(task, columns, path));
  if (duplicateIds === 'newest' && columns.time === undefined) {
    const message = 'keeping the newest of duplicated ids needs dataset.columns.time';
    issues.push({ path: ['dataset', 'duplicateIds'], message });
  }
  if ('shares' in split) {
    const sum = split.shares.reduce((total, share) => total + share, 0);
    if (Math.abs(sum - 1) > SHARE_TOLERANCE) {
      const message = `train, validation and test add up to ${Number(sum.toFixed(6))}, expected 1`;
      issues.push({ path: ['dataset', 'split', 'shares'], message });
    }
  }
  return issues;
}

/** A group on all sides is for tasks whose folds hide rows of it too; elsewhere it would be known from training. */
function lastNeeds(
  choice: RunConfig['task'],
  { group }: RunConfig['dataset']['columns'],
  path: readonly PropertyKey[],
): ConfigIssue[] {
  const task = taskNamed(taskName(choice));
  if (task && task.folds !== 'rows') {
    const message = `split by lastOfGroup has each group on all sides, which the task ${task.name} doesn't allow; take hash or time`;
    return [{ path, message }];
  }
  if (group !== undefined) return [];
  return [
    { path, message: 'split by lastOfGroup needs dataset.columns.group: whose rows they are (the user)' },
  ];
}

function taskNeeds({ task: choice, model: { name }, dataset: { columns } }: RunConfig): ConfigIssue[] {
  const task = configuredTask(choice);
  if (!task) return []; // told of already
  const issues: ConfigIssue[] = [];
  if (task.judges === 'groups' && columns.group === undefined) {
    const message = `the task ${task.name} judges all rows of a query or user together; name the column: dataset.columns.group`;
    issues.push({ path: ['task'], message, atKey: true });
  }
  const model = (models as readonly Model[]).find((one) => one.name === name);
  const losses = model?.losses ?? ['crossEntropy'];
  if (model && !losses.includes(task.loss.kind)) {
    const message = `model ${name} can't be trained by ${task.loss.kind}, but by ${losses.join(' | ')}; take another model, or another task.loss`;
    issues.push({ path: ['model', 'name'], message });
  }
  return issues;
}

function configuredTask(choice: RunConfig['task']): Task | undefined {
  const task = taskNamed(taskName(choice));
  if (!task || typeof choice === 'string') return task;
  const params = Object.fromEntries(Object.entries(choice).filter(([key]) => key !== 'name'));
  const isRight = task.paramsSchema ? task.paramsSchema.safeParse(params).success : true;
  return isRight ? taskOf({ name: task.name, ...(task.paramsSchema ? params : {}) }) : undefined;
}

function modelNeeds({
  model: { name, from },
  pretrain,
  features,
  dataset: { columns },
}: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const model = (models as readonly Model[]).find((one) => one.name === name);
  if (!model) return issues; // told of already
  const readsText = model.input === 'sequence' || model.input === 'pair';
  if (readsText && columns.text.length === 0) {
    const message = `model ${name} reads text, and dataset.columns.text names no column`;
    issues.push({ path: ['model', 'name'], message });
  }
  for (const part of ['select', 'reduce'] as const) {
    if (!readsText || [features[part] ?? []].flat().length === 0) continue;
    const message = `model ${name} reads text as a sequence, which has no features to ${part}; leave this out`;
    issues.push({ path: ['features', part], message, atKey: true });
  }
  if (pretrainerOf(name)) return issues;
  const message = `model ${name} has no encoder that could be pretrained; choose model transformer, or leave this out`;
  if (pretrain !== undefined) issues.push({ path: ['pretrain'], message, atKey: true });
  if (from !== undefined) issues.push({ path: ['model', 'from'], message });
  return issues;
}

function budgetNeeds({ budget, loop }: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const message = 'a budget of cost needs costPerHour beside it: what an hour of the run costs';
  if (budget.cost !== undefined && budget.costPerHour === undefined)
    issues.push({ path: ['budget', 'cost'], message });
  if (loop.budget?.cost !== undefined && (loop.budget.costPerHour ?? budget.costPerHour) === undefined)
    issues.push({ path: ['loop', 'budget', 'cost'], message });
  return issues;
}

/** Configurations travel through histories and reports. */
function noCredentials(config: RunConfig): ConfigIssue[] {
  const path = credentialsIn(config);
  const message =
    'a URL with a password in it; leave user and password out (s3:// takes AWS_* variables of the workers)';
  return path ? [{ path, message }] : [];
}

function notifyNeeds({ notify = [] }: RunConfig): ConfigIssue[] {
  return notify.flatMap(({ webhook, webhookFromEnvironment, command, signWith }, index): ConfigIssue[] => {
    const path = ['notify', index];
    const ways = [webhook, webhookFromEnvironment, command].filter((one) => one !== undefined);
    if (ways.length !== 1) {
      const message = `expected one of webhook, webhookFromEnvironment and command, found ${ways.length}`;
      return [{ path, message, atKey: true }];
    }
    if (command === undefined || signWith === undefined) return [];
    return [
      { path: [...path, 'signWith'], message: 'signs what a webhook gets; a command needs no signature' },
    ];
  });
}

function noiseNeedsBuiltIn({ dataset: { plantNoise, source } }: RunConfig): ConfigIssue[] {
  const builtIn = typeof source === 'string' && source.startsWith('builtin:');
  if (!plantNoise || builtIn) return [];
  const message = 'noise is planted in built-in sets only (source: builtin:NAME), never in your data';
  return [{ path: ['dataset', 'plantNoise'], message, atKey: true }];
}

/** An estimator may want what these data, this model or these settings can't give. */
function estimatorNeeds({ importance, model: { name }, dataset: { columns } }: RunConfig): ConfigIssue[] {
  const estimator = (estimators as readonly ImportanceEstimator[]).find(
    (one) => one.name === importance.estimator,
  );
  const model = (models as readonly Model[]).find((one) => one.name === name);
  if (!estimator || !model) return []; // told of already
  const { requires } = estimator;
  const issues: ConfigIssue[] = [];
  const path = ['importance', 'estimator'];
  if (requires.includes('groups') && columns.group === undefined) {
    const message = `${estimator.name} compares the items of a query; name its column: dataset.columns.group`;
    issues.push({ path, message });
  }
  const looksAt = requires.find((kind) => ['features', 'validation', 'checkpoints'].includes(kind));
  if (looksAt && (model.input === 'sequence' || model.input === 'pair')) {
    const message =
      `${estimator.name} needs columns of features, and model ${name} reads text as a sequence; take an estimator of ` +
      'out-of-fold predictions or training dynamics (pvi, noise_posterior, aum), or model linear';
    issues.push({ path, message });
  }
  if (importance.reliability.repeats > 1) issues.push(...repeatNeeds(estimator));
  if (importance.minSuccess !== undefined && !estimator.game) {
    const message = `is the share of games that must be played to the end, and ${estimator.name} plays none; leave it out`;
    issues.push({ path: ['importance', 'minSuccess'], message, atKey: true });
  }
  return issues;
}

function repeatNeeds({ name, requires, game }: ImportanceEstimator): ConfigIssue[] {
  const hasFolds = requires.includes('outOfFoldLogits') || requires.includes('validation');
  if (hasFolds && !game) return [];
  const why = game
    ? 'plays a game, which tells its interval itself; raise importance.params.units instead'
    : 'scores without folds, so that other folds change nothing';
  return [
    { path: ['importance', 'reliability', 'repeats'], message: `found more than 1, but ${name} ${why}` },
  ];
}

function sourceNeeds({ importance, loop }: RunConfig): ConfigIssue[] {
  const at = loop.policies.findIndex((policy) => /source_(noise|trust)/.test(policy));
  if (at < 0 || importance.source !== undefined) return [];
  const message = `${loop.policies[at]!} weighs by who gave the label; name the column: importance.source`;
  return [{ path: ['loop', 'policies', at], message }];
}

function knowledgeNeeds({ knowledge, loop, dataset: { columns } }: RunConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const known = [...columns.text, ...columns.attributes, ...columns.numeric, ...columns.categorical];
  const names = new Set<string>();
  for (const [index, rule] of (knowledge?.rules ?? []).entries()) {
    const path = ['knowledge', 'rules', index];
    for (const column of columnsOfRule(rule)) {
      if (known.includes(column)) continue;
      const message = `the rule looks at "${column}", which dataset.columns names under none of text, attributes, numeric, categorical`;
      issues.push({ path: [...path, 'if'], message });
    }
    if (names.has(rule.name))
      issues.push({ path: [...path, 'name'], message: `"${rule.name}" is taken; names of rules differ` });
    names.add(rule.name);
  }
  if (knowledge?.graph !== undefined && columns.text.length === 0) {
    const message = 'facts are found in texts, and dataset.columns.text names no column';
    issues.push({ path: ['knowledge', 'graph'], message });
  }
  const at = loop.policies.findIndex((policy) => policy.includes('rule_agreement'));
  if (at >= 0 && !knowledge) {
    const message = 'rule_agreement weighs by what rules say; write some: knowledge.rules or knowledge.graph';
    issues.push({ path: ['loop', 'policies', at], message });
  }
  return issues;
}

function augmentNeeds({ augment, dataset: { columns } }: RunConfig): ConfigIssue[] {
  if (!augment) return [];
  if (columns.text.length === 0) {
    const message = 'copies differ from their rows in their texts, and dataset.columns.text names no column';
    return [{ path: ['augment'], message, atKey: true }];
  }
  if (!augment.attributes || columns.attributes.length > 0) return [];
  const message = 'attributes are filled in, and dataset.columns.attributes names no column';
  return [{ path: ['augment', 'attributes'], message }];
}

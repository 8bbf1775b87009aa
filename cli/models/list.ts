import { CHAMPION, type AliasMove, type ModelVersion } from '../../contracts/registry.js';
import { count, decimal, instant, interval } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { factLines, tableLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { chooseModel, chooseName, MODEL_HELP, openModels } from './chosen.js';

/** `assay models list [NAME]` */
export const listCommand: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay models list', 'assay models list catalogue --json'])
      .argument('[name]', 'only versions of this model; without it, the newest of each')
      .action(action<CommonOptions>(list));
  },
};

async function list([wanted]: readonly string[], _: CommonOptions, terminal: Terminal): Promise<number> {
  const opened = await openModels();
  const names = wanted === undefined ? await opened.registry.names() : [await chooseName(opened, wanted)];
  const found = await Promise.all(
    names.map(async (name) => ({
      versions: await opened.registry.versions(name),
      moves: await opened.registry.moves(name),
    })),
  );
  terminal.json(
    found.flatMap(({ versions, moves }) =>
      versions.map((model) => ({ ...summaryOf(model), aliases: aliasesOf(model, moves) })),
    ),
  );
  if (names.length === 0) {
    terminal.line('No model is registered yet: a finished run registers its model.');
    return EXIT.ok;
  }
  const headings = [
    { head: 'model' },
    { head: 'alias' },
    { head: 'metric' },
    { head: 'value', numeric: true },
    { head: 'kind' },
    { head: 'registered' },
  ];
  const rows = found.flatMap(({ versions, moves }) =>
    shown(versions, moves, wanted === undefined).map((model) => {
      const { metric, value } = summaryOf(model);
      return [
        `${model.name}@${model.version}`,
        aliasesOf(model, moves).join(', '),
        metric ?? '',
        value === null ? '' : decimal(value),
        model.model.name,
        instant(Date.parse(model.createdAt)).slice(0, 16),
      ];
    }),
  );
  for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
  return EXIT.ok;
}

/** Newest first; in an overview only the newest, and those in use. */
const shown = (versions: readonly ModelVersion[], moves: readonly AliasMove[], isOverview: boolean) =>
  versions
    .filter((one) => !isOverview || one === versions.at(-1) || aliasesOf(one, moves).length > 0)
    .reverse();

/** Aliases that a version holds now. */
export function aliasesOf({ version }: ModelVersion, moves: readonly AliasMove[]): string[] {
  const held = new Map(moves.map((move) => [move.alias, move.version]));
  return [...held].filter(([, holder]) => holder === version).map(([alias]) => alias);
}

const summaryOf = ({
  name,
  version,
  createdAt,
  runId,
  model,
  policy,
  metric,
  metrics,
  gate,
}: ModelVersion) => ({
  ...{ name, version, createdAt, runId, model: model.name, policy, metric },
  value: metric === null ? null : (metrics[metric]?.value ?? null),
  gatePassed: gate?.promoted ?? null,
});

/** `assay models show MODEL` */
export const showCommand: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay models show catalogue', 'assay models show catalogue@2 --json'])
      .argument('<model>', `${MODEL_HELP}; a name without champion: its newest version`)
      .action(action<CommonOptions>(show));
  },
};

async function show([wanted = '']: readonly string[], _: CommonOptions, terminal: Terminal): Promise<number> {
  const opened = await openModels();
  const { model } = await chooseModel(opened, wanted, 'newest');
  const { registry, artifacts } = opened;
  const aliases = aliasesOf(model, await registry.moves(model.name));
  const present = await Promise.all(
    [model.artifacts.weights, model.artifacts.featurizer].map((ref) => artifacts.verify(ref)),
  );
  const isThere = present.every(Boolean);
  terminal.json({ ...model, aliases, isThere });
  const { dataset, weights, featurizer } = model.artifacts;
  const facts: [string, string][] = [
    ['model', `${model.name}@${model.version}${aliases.length > 0 ? `, ${aliases.join(', ')}` : ''}`],
    ['kind', `${model.model.name} for ${model.task}, weights ${model.policy}, seed ${model.seed}`],
    ...Object.entries(model.metrics).map(([name, estimate]): [string, string] => [
      name,
      `${decimal(estimate.value)} (${interval(estimate)})`,
    ]),
    ['gate', model.gate?.reason ?? 'was skipped'],
    ['registered', `${instant(Date.parse(model.createdAt))} by ${model.runId}`],
    ['dataset', `${count(dataset.rows)} rows, dataset/${dataset.sha256.slice(0, 12)}`],
    ['weights', `model/${weights.sha256.slice(0, 12)}`],
    ['features', `featurizer/${featurizer.sha256.slice(0, 12)}`],
    ...(isThere
      ? []
      : [
          ['beware', 'its weights are gone from the store: it can answer no more'] satisfies [string, string],
        ]),
    ['next', `assay models card ${model.name}@${model.version}`],
  ];
  if (!aliases.includes(CHAMPION))
    facts.push(['', `assay models promote ${model.name}@${model.version} --why "…"`]);
  for (const line of factLines(facts, terminal)) terminal.line(line);
  return EXIT.ok;
}

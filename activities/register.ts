import { z } from 'zod';
import { Sha256 } from '../contracts/artifact.js';
import { EngineChoice } from '../contracts/engine.js';
import { StoreError } from '../contracts/errors.js';
import { CHAMPION, type AliasMove, type ModelDraft, type ModelRegistry } from '../contracts/registry.js';
import { CleanConfig, Columns, TaskChoice, taskName } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { Analysis, GateDecision } from '../contracts/summary.js';
import { treatmentOf } from '../core/cleaning/treatment.js';
import { gather, texts } from '../core/table.js';
import { modelByName } from '../models/index.js';
import { renderModelCard } from '../report/modelCard.js';
import { only, readDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  name: z.string(), // of the model
  runId: z.string(),
  /** The run's configuration; kept with the model. */
  config: z
    .object({
      task: TaskChoice,
      seed: z.int(),
      dataset: z.object({ columns: Columns }).catchall(z.json()),
      clean: CleanConfig,
      model: z.object({ name: z.string() }).catchall(z.json()),
      training: z.object({ engine: EngineChoice }).catchall(z.json()),
    })
    .catchall(z.json()),
  policy: z.string(),
  strength: z.number(),
  /** What made the model: by path. */
  stages: z.array(z.strictObject({ path: z.string(), stage: z.string(), stageKey: Sha256 })),
  /** Make it champion; null: nobody said so. */
  promote: z
    .strictObject({
      by: z.string(),
      why: z.string(),
      /** Number of the move by which the champion was held when the two were compared; 0: there was none. */
      expected: z.int().nonnegative(),
    })
    .nullable(),
});
type Params = z.infer<typeof Params>;

/** Gives the chosen model a version of its own, with a card; makes it champion where gate and people agree. */
export const register: Stage<Params> = {
  name: 'register',
  paramsSchema: Params,
  inputs: ['model', 'featurizer', 'classes', 'dataset', 'samples'],
  summary: ({ name, promote }) => `register a version of ${name}${promote ? ' and promote it' : ''}`,
  async run({ params, inputs }, context) {
    const draft = await draftOf(params, inputs, context);
    const { version, artifacts } = await context.registry.register(draft);
    const promoted = params.promote && (await promote(params, version, context.registry));
    return {
      outputs: { card: [artifacts.card] },
      figures: {
        model: `${params.name}@${version}`,
        ...(promoted ? { promoted: promoted.isDone ? 1 : 0, promotion: promoted.told } : {}),
      },
    };
  },
};

async function draftOf(params: Params, inputs: Artifacts, context: StageContext): Promise<ModelDraft> {
  const { config, policy, strength, name, runId } = params;
  const { artifacts } = context;
  const document = async (input: string): Promise<unknown> =>
    inputs[input] ? readDocument(artifacts, only(inputs, input)) : null;
  const analysis = Analysis.nullable().parse(await document('analysis'));
  const gate = GateDecision.nullable().parse(await document('gate'));
  const own = analysis?.arms.find((arm) => arm.name === 'weighted');
  const stages = await Promise.all(params.stages.map((shard) => madeBy(shard, context)));
  const cleaned = stages.find(({ stage }) => stage === 'clean')?.figures ?? {};
  const { param } = modelByName(config.model.name).regularisation;
  const optional = (key: string, input: string) => (inputs[input] ? { [key]: only(inputs, input) } : {});
  const draft = {
    ...{
      name,
      runId,
      policy,
      task: taskName(config.task),
      seed: config.seed,
      engine: config.training.engine,
    },
    model: { ...config.model, [param]: strength },
    columns: config.dataset.columns,
    treatment: treatmentOf(config.dataset.columns, config.clean, cleaned),
    config: config as ModelDraft['config'],
    metrics: own?.metrics ?? {},
    metric: analysis?.metric ?? null,
    gate: gate && { promoted: gate.promoted, reason: gate.reason },
    stages: stages.map(({ path, stage, stageKey, codeVersion }) => ({ path, stage, stageKey, codeVersion })),
  };
  const kept = {
    weights: only(inputs, 'model'),
    featurizer: only(inputs, 'featurizer'),
    classes: only(inputs, 'classes'),
    dataset: only(inputs, 'dataset'),
    samples: only(inputs, 'samples'),
    ...optional('sampleWeights', 'weights'),
    ...optional('analysis', 'analysis'),
    ...optional('gate', 'gate'),
  };
  const names = texts(await gather(artifacts.readTable(kept.classes)), 'name') as readonly string[];
  const text = renderModelCard({ ...draft, artifacts: kept, classes: names, analysis, decision: gate });
  const card = await artifacts.writeBlob(
    'card',
    new TextEncoder().encode(text),
    'text/markdown; charset=utf-8',
  );
  return { ...draft, artifacts: { ...kept, card } };
}

async function madeBy({ path, stage, stageKey }: Params['stages'][number], { finished }: StageContext) {
  const entry = await finished(stage, stageKey);
  if (entry) return { path, stage, stageKey, codeVersion: entry.codeVersion, figures: entry.figures };
  throw new StoreError(
    `register: the store's cache has no entry of ${path} (stage ${stage}, key ${stageKey}), which this run has finished; ` +
      'look whether something clears the cache, then start the run again: what is left of it is reused',
  );
}

/** Makes a version champion, unless it is, or the champion that it was compared with no longer is. */
async function promote({ name, runId, promote: asked }: Params, version: number, registry: ModelRegistry) {
  const { by, why, expected } = asked!;
  const held = await registry.holder(name, CHAMPION);
  const words = ({ alias, number }: AliasMove): string => `${name}@${version} is ${alias} (move ${number})`;
  // Asked again after a crash, or the champion has only been trained anew to the same bytes.
  if (held?.version === version) return { isDone: true, told: words(held) };
  const action = 'promote' as const;
  const move = await registry.move({ name, alias: CHAMPION, version, action, by, why, runId, expected });
  if (move) return { isDone: true, told: words(move) };
  const now = await registry.holder(name, CHAMPION);
  const told =
    `not promoted: since the gate compared, ${now ? `${name}@${now.version} was made champion by ${now.by}` : 'the champion changed'}; ` +
    `start the run again to compare with it, or: assay models promote ${name}@${version}`;
  return { isDone: false, told };
}

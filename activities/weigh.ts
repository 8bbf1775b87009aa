import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import { ConfigError } from '../contracts/errors.js';
import type { Artifacts, Figures } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { scoreUnit } from '../core/choice/scoreUnit.js';
import { weighScores } from '../core/choice/weighScores.js';
import {
  estimatorByName,
  scoreReliability,
  type Evidence,
  type ImportanceEstimator,
} from '../core/importance/index.js';
import { gather } from '../core/table.js';
import { taskOf, type Task } from '../core/tasks/index.js';
import { policyByName, type Weighing } from '../core/weighting/index.js';
import { userGroups } from './userGroups.js';
import { readLabelSources, sourceTable } from './labelSources.js';
import { noiseWarning } from './noiseWarning.js';
import { readTallies } from './play.js';
import { only, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';
import { PREDICTION_COLUMNS, predictionBatches } from './unit.js';
import {
  featuresOf,
  InnerParams,
  predictedEvidence,
  readCheckpoints,
  readDynamics,
  type UnitEvidence,
} from './unitEvidence.js';
import { readVotes } from './votes.js';

const Params = InnerParams.extend({
  estimator: z.strictObject({ name: z.string(), params: z.json() }),
  policies: z.array(z.string()).min(1),
  minEffectiveSampleSize: z.number(),
  duplicateCap: z.number(),
  /** Cross-fits to score by. */
  repeats: z.int().positive().default(1),
  /** Who or what gave the label: the user's name of a column, and the dataset's. */
  source: z.strictObject({ name: z.string(), column: z.string() }).optional(),
});
type Params = z.infer<typeof Params>;

/** Scores a unit's training rows by the evidence that was made for them, and weighs them by every policy. */
export const weigh: Stage<Params> = {
  name: 'weigh',
  paramsSchema: Params,
  inputs: ['samples', 'features', 'classes', 'evidence'],
  summary: ({ estimator, unit }) => `${estimator.name} scores and weights: unit ${unit}`,
  async run({ params, inputs, seed }, context) {
    const estimator = estimatorByName(params.estimator.name);
    const task = taskOf(params.task);
    refuseSurprise(task, estimator, params.policies);
    const fits: UnitEvidence[] = [];
    for (let repeat = 0; repeat < params.repeats; repeat++) {
      fits.push(await predictedEvidence(params, inputs, context, repeat));
    }
    const [{ samples, training, strength, isRefined }] = fits as [UnitEvidence];
    const sources =
      params.source === undefined
        ? undefined
        : await readLabelSources(params.source.column, training, inputs, context);
    const shared = {
      ...(await askedEvidence(estimator, fits[0]!, inputs, context)),
      ...(sources ? { sources: sources.codes } : {}),
      ...(inputs['votes'] ? { votes: await readVotes(only(inputs, 'votes'), training, context) } : {}),
    };
    const tallies = inputs['tally'] ? { tallies: await readTallies(only(inputs, 'tally'), context) } : {};
    const scored = fits.map(({ evidence }) =>
      scoreUnit(estimator, { ...evidence, ...shared }, { params: params.estimator.params, seed, ...tallies }),
    );
    const trust = scored.length > 1 ? scoreReliability(scored) : undefined;
    const scores = trust?.mean ?? scored[0]!;
    const evidence = { ...together(fits.map((fit) => fit.evidence)), ...shared };
    const weighings = weighScores(scores, evidence, training, samples, {
      ...params,
      task,
      ...(trust ? { reliability: trust.reliability } : {}),
    });
    const table = sources && sourceTable(params.source!.name, sources, evidence);
    return {
      outputs: {
        ...(await writeScores(training, scores, weighings, context)),
        best: [
          await context.artifacts.writeTable(
            'predictions',
            PREDICTION_COLUMNS,
            predictionBatches(training, [strength], [evidence.logits!], evidence.outputs),
          ),
        ],
        ...(table ? { sources: [await writeDocument(context.artifacts, table)] } : {}),
      },
      figures: {
        evidenceStrength: strength,
        ...(inputs['refined'] ? { evidenceRefined: Number(isRefined) } : {}),
        meanScore: scores.reduce((sum, score) => sum + score, 0) / scores.length,
        ...(trust ? { rankStability: trust.rankStability, reliability: trust.reliability } : {}),
        ...(table ? { sources: table.count, noisiestSource: table.sources[0]!.name } : {}),
        ...noiseWarning(estimator, evidence),
        ...weighingFigures(weighings),
      },
    };
  },
};

/** Clicks surprise without being wrong: weights from label surprise would teach the model not to believe them. */
function refuseSurprise(
  { name: task, aleatoric }: Task,
  { name, usesLabelSurprise }: ImportanceEstimator,
  policies: readonly string[],
): void {
  if (!aleatoric) return;
  const policy = policies.find((one) => !policyByName(one).allowsAleatoric);
  if (!usesLabelSurprise && policy === undefined) return;
  const refused = usesLabelSurprise ? `importance.estimator: ${name}` : `loop.policies: ${policy}`;
  throw new ConfigError(
    `${refused} weighs samples by how surprising their target is, which is refused for the task ` +
      `${task}: its targets are random by nature, not mislabelled; use uniform, or weights of groups`,
  );
}

/** What the estimator asks for beside predictions: nothing is read for nothing. */
async function askedEvidence(
  { name, requires }: ImportanceEstimator,
  { training, evidence }: UnitEvidence,
  inputs: Artifacts,
  context: StageContext,
): Promise<Partial<Evidence>> {
  const wants = (...kinds: ImportanceEstimator['requires']): boolean =>
    kinds.some((kind) => requires.includes(kind));
  return {
    ...(wants('features', 'validation')
      ? { features: await featuresOf(name, training, inputs, context) }
      : {}),
    ...(wants('checkpoints')
      ? { checkpoints: await readCheckpoints(made(name, inputs, 'checkpoints'), context) }
      : {}),
    ...(wants('trainingDynamics')
      ? {
          dynamics: await readDynamics(
            made(name, inputs, 'dynamics'),
            training.length,
            evidence.outputs,
            context,
          ),
        }
      : {}),
    ...(wants('groups') ? { groups: await groupsOf(training, made(name, inputs, 'dataset'), context) } : {}),
  };
}

/** @throws ConfigError where a retry has changed the estimator for one that wants other evidence */
function made(estimator: string, inputs: Artifacts, name: string): ArtifactRef {
  const [ref] = inputs[name] ?? [];
  if (ref) return ref;
  throw new ConfigError(
    `importance.estimator: ${estimator} needs ${name}, which this run has not made; make it in a successor: ` +
      `assay retry RUN --from importance --set importance.estimator=${estimator}`,
  );
}

async function groupsOf(
  rows: Int32Array,
  dataset: ArtifactRef,
  { artifacts }: StageContext,
): Promise<Int32Array> {
  const groups = userGroups(await gather(artifacts.readTable(dataset, { columns: ['id', 'group'] })));
  return rows.map((row) => groups[row]!);
}

/** Evidence of several cross-fits: the mean of their logits, all of which are out of fold. */
function together(fits: readonly Evidence[]): Evidence {
  const [first] = fits as [Evidence];
  if (fits.length === 1) return first;
  const logits = first.logits!.map(
    (_, at) => fits.reduce((sum, fit) => sum + fit.logits![at]!, 0) / fits.length,
  );
  return { ...first, logits };
}

async function writeScores(
  rows: Int32Array,
  scores: Float64Array,
  weighings: ReadonlyMap<string, Weighing>,
  { artifacts }: StageContext,
): Promise<Artifacts> {
  const row = { name: 'row', type: 'int32' } as const;
  const float64 = (name: string) => ({ name, type: 'float64' as const });
  const weights = [...weighings].map(([name, weighing]) => [name, weighing.weights] as const);
  return {
    scores: [
      await artifacts.writeTable(
        'scores',
        [row, float64('score')],
        [{ rows: rows.length, columns: { row: rows, score: scores } }],
      ),
    ],
    weights: [
      await artifacts.writeTable(
        'weights',
        [row, ...[...weighings.keys()].map(float64)],
        [{ rows: rows.length, columns: { row: rows, ...Object.fromEntries(weights) } }],
      ),
    ],
  };
}

const weighingFigures = (weighings: ReadonlyMap<string, Weighing>): Figures =>
  Object.fromEntries(
    [...weighings].flatMap(([name, { effectiveSampleSize, mixedWithUniform }]) => [
      [`effectiveSampleSize.${name}`, effectiveSampleSize],
      [`mixedWithUniform.${name}`, mixedWithUniform],
    ]),
  );

import { z } from 'zod';
import { Sha256 } from '../contracts/artifact.js';
import { Profile } from '../contracts/drift.js';
import { StoreError } from '../contracts/errors.js';
import { KnowledgeSummary } from '../contracts/knowledge.js';
import { AnalyseConfig, Columns, TaskChoice, taskName } from '../contracts/settings.js';
import { Approval, StageStatus, Successor } from '../contracts/run.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { EngineChoice } from '../contracts/engine.js';
import { Analysis, GateDecision, Registered, RunSummary } from '../contracts/summary.js';
import { TuningSummary } from '../contracts/tune.js';
import { estimatorByName } from '../core/importance/index.js';
import { modelByName } from '../models/index.js';
import { importanceFound, type LinkedShard } from './importanceFound.js';
import { loadSamples, only, readDocument, writeDocument } from './prepared.js';
import { runDetail } from './runDetail.js';
import type { Stage } from './stage.js';
import {
  boostSummaries,
  quarantineSummary,
  roundSummaries,
  scoresSummary,
  weightsSummary,
} from './summarise.js';

/** A shard that the run was made of; what it read and wrote is in the cache of stages. */
const Shard = z.strictObject({ path: z.string(), stage: z.string(), stageKey: Sha256 });
const Params = z.strictObject({
  runId: z.string(),
  /** The run's configuration; shown, and read for names of columns and of the estimator. */
  config: z
    .object({
      name: z.string(),
      task: TaskChoice,
      seed: z.int(),
      dataset: z.object({ columns: Columns }).catchall(z.json()),
      importance: z.object({ estimator: z.string() }).catchall(z.json()),
      analyse: AnalyseConfig,
      model: z.object({ name: z.string() }).catchall(z.json()),
      training: z.object({ engine: EngineChoice }).catchall(z.json()).optional(),
      report: z.strictObject({ examples: z.int() }),
    })
    .catchall(z.json()),
  stages: z.array(StageStatus),
  policy: z.string(),
  mixedWithUniform: z.number(),
  lineage: z.array(Shard),
  loopEnded: z.string().optional(),
  approval: Approval.optional(),
  successorOf: Successor.optional(),
  registered: Registered.optional(),
});
type Params = z.infer<typeof Params>;

/** Gathers what the run found into one page, and the same facts as text and as JSON. */
export const report: Stage<Params> = {
  name: 'report',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'dataset', 'quarantine', 'decisions'],
  engine: ({ config: { model, training } }) =>
    modelByName(model.name).usesEngine ? (training?.engine ?? 'auto') : undefined,
  summary: () => 'one page that explains the run',
  async run({ params, inputs }, context) {
    const summary = RunSummary.parse(await summarise(params, inputs, context));
    // The chart library takes longest to load of all: not for every trainer child and worker.
    const { renderReport } = await import('../report/renderReport.js');
    const { reportMarkdown } = await import('../report/markdown.js');
    const { artifacts } = context;
    const page = new TextEncoder().encode(renderReport(summary));
    const text = new TextEncoder().encode(reportMarkdown(summary));
    return {
      outputs: {
        report: [await artifacts.writeBlob('report', page, 'text/html; charset=utf-8')],
        markdown: [await artifacts.writeBlob('report', text, 'text/markdown; charset=utf-8')],
        summary: [await writeDocument(artifacts, summary)],
      },
      figures: { pageBytes: page.length },
    };
  },
};

async function summarise(params: Params, inputs: Artifacts, context: StageContext): Promise<RunSummary> {
  const { config, policy } = params;
  const samples = await loadSamples(inputs, context);
  const quarantine = await quarantineSummary(inputs, context);
  const document = async (name: string): Promise<unknown> =>
    inputs[name] ? readDocument(context.artifacts, only(inputs, name)) : undefined;
  const quarantined = quarantine.reduce((sum, { rows }) => sum + rows, 0);
  const side = (split: number): number => samples.split.filter((one) => one === split).length;
  const kept = samples.ids.length;
  const { estimator } = config.importance;
  const { unit } = estimatorByName(estimator);
  const { columns } = config.dataset;
  const shards = await Promise.all(params.lineage.map((shard) => linked(shard, context)));
  const analysis = Analysis.nullable().parse((await document('analysis')) ?? null);
  const { metric } = analysis ?? {};
  const { task, seed, analyse, training } = config;
  const chosen = { policy, model: config.model.name, engine: training?.engine ?? ('auto' as const) };
  const request = { task, seed, columns, slices: analyse.slices, metric, ...chosen, inputs, shards };
  return {
    runId: params.runId,
    ...(params.loopEnded === undefined ? {} : { loopEnded: params.loopEnded }),
    ...(params.approval ? { approval: params.approval } : {}),
    ...(params.successorOf ? { successorOf: params.successorOf } : {}),
    ...(params.registered ? { registered: params.registered } : {}),
    name: config.name,
    task: taskName(config.task),
    seed: config.seed,
    config: config as RunSummary['config'],
    stages: params.stages,
    rows: { read: kept + quarantined, kept, quarantined, train: side(0), validation: side(1), test: side(2) },
    contract: RunSummary.shape.contract.parse((await document('contract')) ?? []),
    quarantine,
    ...(inputs['profile'] ? { profile: Profile.parse(await document('profile')) } : {}),
    ...(inputs['knowledge'] ? { knowledge: KnowledgeSummary.parse(await document('knowledge')) } : {}),
    ...(inputs['tuning'] ? { tuning: TuningSummary.parse(await document('tuning')) } : {}),
    rounds: await roundSummaries(inputs, context),
    boosts: await boostSummaries(inputs, context),
    weights: await weightsSummary(inputs, policy, estimator, params.mixedWithUniform, context),
    scores: await scoresSummary(inputs, policy, unit, columns, config.report.examples, context),
    crossValidation: RunSummary.shape.crossValidation.parse((await document('crossValidation')) ?? []),
    analysis,
    gate: GateDecision.nullable().parse((await document('gate')) ?? null),
    importance: await importanceFound(shards, params.stages, context),
    detail: await runDetail(request, context),
    lineage: shards.map(({ path, entry: { stageKey, inputs: read, outputs, figures } }) => ({
      ...{ stage: path, stageKey, inputs: read, outputs, figures },
    })),
  };
}

async function linked(
  { path, stage, stageKey }: z.infer<typeof Shard>,
  context: StageContext,
): Promise<LinkedShard> {
  const entry = await context.finished(stage, stageKey);
  if (!entry) {
    throw new StoreError(
      `report: the store's cache has no entry of ${path} (stage ${stage}, key ${stageKey}), which this run has finished; ` +
        'look whether something clears the cache, then start the run again: what is left of it is reused',
    );
  }
  return { path, entry };
}

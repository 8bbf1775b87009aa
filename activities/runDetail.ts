import type { RunDetail, ScoreGroup } from '../contracts/detail.js';
import type { EngineChoice } from '../contracts/engine.js';
import type { AnalyseConfig, Columns, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { dynamicsMap, outOfFoldMap } from '../core/explain/learningMap.js';
import { scoreGroups } from '../core/explain/scoreGroups.js';
import { type SuspectedLabel, suspectedLabels } from '../core/explain/suspects.js';
import { dataMap } from '../core/importance/cartography.js';
import { softmaxRows } from '../core/probability.js';
import { enumerateSlices, type Slice } from '../core/slices/enumerateSlices.js';
import { gather, integers, numbers, vectors } from '../core/table.js';
import { taskOf } from '../core/tasks/index.js';
import { modelByName } from '../models/index.js';
import type { Explainer } from './attribution.js';
import { classExplanations, rowsToExplain } from './classExplanations.js';
import { learningCurve } from './fitCurve.js';
import type { LinkedShard } from './importanceFound.js';
import { finalExplainer, markedTexts } from './markedTexts.js';
import { loadSamples, only, type SampleTable } from './prepared.js';
import { readSome } from './rowSource.js';
import { readTexts } from './rowText.js';
import { sliceColumnNames, sliceColumns } from './sliceColumns.js';
import { testFindings } from './testFindings.js';
import { readWeights } from './unit.js';

const SUSPECTS_SHOWN = 40;
const GROUPS_SHOWN = 200;

interface DetailRequest {
  readonly task: TaskChoice;
  readonly seed: number;
  readonly columns: Columns;
  readonly slices: AnalyseConfig['slices'];
  /** The metric of the analysis; undefined where there was none. */
  readonly metric: string | undefined;
  readonly policy: string;
  /** Name of the model, and the engine that it computes with where it needs one. */
  readonly model: string;
  readonly engine: EngineChoice;
  readonly inputs: Artifacts;
  readonly shards: readonly LinkedShard[];
}

/** The request with what all parts read. */
export interface Ground extends DetailRequest {
  readonly samples: SampleTable;
  readonly weights: Float64Array; // by row
}

/** What the report draws of samples, classes and slices. Nothing is trained: all of it is read from what the run has made. */
export async function runDetail(request: DetailRequest, context: StageContext): Promise<RunDetail> {
  const { inputs, policy } = request;
  const samples = await loadSamples(inputs, context);
  const ground: Ground = {
    ...request,
    samples,
    weights: await readWeights(inputs, policy, samples.ids.length, context),
  };
  const said = await readSaid(ground, context);
  const suspects =
    said && !taskOf(request.task).aleatoric
      ? suspectedLabels(said.probabilities, said.targets, said.outputs)
      : undefined;
  const shown = suspects?.slice(0, SUSPECTS_SHOWN).map(({ place }) => said!.rows[place]!) ?? [];
  const explainer = await finalExplainer(ground, [...rowsToExplain(samples), ...shown], context);
  const isNetwork = modelByName(ground.model).usesEngine === true;
  return {
    learning: await learningCurves(ground, context),
    ...(await testFindings(ground, context)),
    scoresBy: said ? await scoresBy(ground, said, context) : [],
    dataMap: await mapOf(ground, said, context),
    ...(explainer ? { explanations: classExplanations(samples, explainer, isNetwork) } : {}),
    suspects: said && suspects ? await suspectsOf(ground, said, suspects, explainer, context) : null,
  };
}

/** What models that never saw the training samples say of them. */
interface Said {
  readonly rows: Int32Array;
  readonly targets: Int32Array;
  readonly outputs: number;
  readonly probabilities: Float64Array; // (rows, outputs)
  readonly scores: Float64Array; // (rows,); NaN where there is none
}

async function readSaid({ inputs, samples }: Ground, { artifacts }: StageContext): Promise<Said | undefined> {
  if (!inputs['evidence'] || !inputs['scores']) return undefined;
  const evidence = await gather(artifacts.readTable(only(inputs, 'evidence')));
  const table = await gather(artifacts.readTable(only(inputs, 'scores'), { columns: ['row', 'score'] }));
  const { width, values } = vectors(evidence, 'logits');
  if (width < 2 || width !== samples.classes.length) return undefined;
  const rows = integers(evidence, 'row');
  const scored = numbers(table, 'score');
  const scoreOf = new Map(Array.from(integers(table, 'row'), (row, i) => [row, scored[i]!] as const));
  return {
    rows,
    targets: rows.map((row) => samples.targets[row]!),
    outputs: width,
    probabilities: softmaxRows(values, width),
    scores: Float64Array.from(rows, (row) => scoreOf.get(row) ?? NaN),
  };
}

async function scoresBy(
  { samples, inputs, columns, slices, metric, weights }: Ground,
  said: Said,
  { artifacts }: StageContext,
): Promise<RunDetail['scoresBy']> {
  const places = Int32Array.from(said.rows.keys()).filter((place) => !Number.isNaN(said.scores[place]));
  const rows = places.map((place) => said.rows[place]!);
  const scores = Float64Array.from(places, (place) => said.scores[place]!);
  const own = Float64Array.from(rows, (row) => weights[row]!);
  const group = (named: Iterable<readonly [string, ArrayLike<number>]>): ScoreGroup[] =>
    scoreGroups(named, scores, own).slice(0, GROUPS_SHOWN);
  const classes = samples.classes.map((name, code): [string, number[]] => [
    name,
    [...rows.keys()].filter((i) => samples.targets[rows[i]!] === code),
  ]);
  // An analysis is skipped where it names columns that aren't there: then what the data have must do.
  const asked = metric === undefined ? undefined : slices.columns;
  const cut: Slice[] = [];
  for (const name of sliceColumnNames(columns, asked)) {
    // One at a time: a column of texts of all rows is large.
    const column = sliceColumns(await readSome(artifacts, only(inputs, 'dataset'), rows, [name]), columns, [
      name,
    ]);
    cut.push(...enumerateSlices({ columns: column, minSupport: slices.minSupport, pairs: false }));
  }
  return [
    { column: 'class', groups: group(classes) },
    { column: 'slice', groups: group(cut.map((slice) => [slice.name, slice.rows])) },
  ].filter(({ groups }) => groups.length > 0);
}

async function suspectsOf(
  { samples, inputs, columns, weights }: Ground,
  said: Said,
  found: readonly SuspectedLabel[],
  explainer: Explainer | undefined,
  { artifacts }: StageContext,
): Promise<RunDetail['suspects']> {
  const chosen = found.slice(0, SUSPECTS_SHOWN);
  const rows = chosen.map(({ place }) => said.rows[place]!);
  const textOf = await readTexts(artifacts, only(inputs, 'dataset'), rows, columns.text);
  const asked = chosen.map(({ place, suggested }) => ({
    ...{ row: said.rows[place]!, toward: suggested, against: said.targets[place]! },
  }));
  const marked = explainer ? markedTexts(explainer, asked) : [];
  const shown = chosen.map(({ place, suggested, ...probabilities }, i) => {
    const row = said.rows[place]!;
    const score = said.scores[place]!;
    return {
      ...probabilities,
      id: samples.ids[row]!,
      text: textOf(row),
      given: samples.classes[said.targets[place]!]!,
      suggested: samples.classes[suggested]!,
      score: Number.isNaN(score) ? null : score,
      weight: weights[row]!,
      ...(marked[i] ? { parts: marked[i] } : {}),
    };
  });
  return { found: found.length, of: said.rows.length, shown };
}

/** By training dynamics where the run has some, else by the predictions that were made out of fold. */
async function mapOf(
  { shards, samples, seed }: Ground,
  said: Said | undefined,
  { artifacts }: StageContext,
): Promise<RunDetail['dataMap']> {
  const path = 'importance.dynamics.full';
  const [ref] = shards.find((shard) => shard.path.startsWith(path))?.entry.outputs['dynamics'] ?? [];
  if (!ref) {
    if (!said) return null;
    const idOf = (place: number): string => samples.ids[said.rows[place]!]!;
    return outOfFoldMap(said.probabilities, said.targets, said.outputs, seed, idOf);
  }
  const table = await gather(artifacts.readTable(ref));
  const { width, values } = vectors(table, 'logits');
  const epochs = new Set(integers(table, 'epoch')).size;
  const rows = integers(table, 'row').subarray(0, table.rows / Math.max(epochs, 1));
  const targets = rows.map((row) => samples.targets[row]!);
  const map = dataMap({ epochs, logits: values, targets, outputs: width });
  return dynamicsMap(map, seed, (i) => samples.ids[rows[i]!]!);
}

/** How the final models were trained, where that was step by step. */
async function learningCurves(
  { shards }: Ground,
  { artifacts }: StageContext,
): Promise<RunDetail['learning']> {
  const curves: RunDetail['learning'] = [];
  for (const { path, entry } of shards) {
    const [, arm] = /^loop\.(uniform|shuffled|weighted)\.fit\./.exec(path) ?? [];
    const [ref] = entry.outputs['epochs'] ?? [];
    if (arm === undefined || !ref) continue;
    const table = await gather(artifacts.readTable(ref));
    curves.push(learningCurve(arm, table));
  }
  return curves;
}

import type { Engine } from '../contracts/engine.js';
import { influencesOn, type Influence } from '../core/explain/influences.js';
import { similarRows } from '../core/explain/similarRows.js';
import { tracedStates, type TracedPoint } from '../core/explain/tracedStates.js';
import { softmaxRows } from '../core/probability.js';
import { gather, integers, numbers } from '../core/table.js';
import { modelByName } from '../models/index.js';
import type { Explainer } from './attribution.js';
import { fewRows, type SampleTable } from './prepared.js';
import { traced, type RunTrace } from './runTrace.js';

/** Networks compute a state a row and epoch: only as many rows. */
const MOST_TRACED = 1_000;

/** Training samples that speak for and against a prediction, and how they were found. */
export interface FoundInfluences {
  readonly found: readonly Influence[]; // the strongest support first
  /** Training samples that were looked at: all, or of a network those most like the sample. */
  readonly among: number;
  /** Moments of the training that are added up. */
  readonly checkpoints: number;
}

/**
 * Which training samples support a class at a row, and which oppose it: at the last model for a softmax over features, over
 * the epochs that the run has kept for the last layer of a network. Undefined for other models.
 *
 * @param path of the shard that trained the model
 */
export async function explainInfluences(
  trace: RunTrace,
  path: string,
  explainer: Explainer,
  samples: SampleTable,
  row: number,
  code: number,
  engine: () => Promise<Engine>,
): Promise<FoundInfluences | undefined> {
  const { model, input, outputs } = explainer;
  const training = Int32Array.from(samples.ids.keys()).filter(
    (other) => samples.split[other] === 0 && samples.targets[other]! >= 0,
  );
  if (model.lastLayer) {
    const alike = similarRows(input, row, training, MOST_TRACED);
    const rows = Int32Array.from(alike, (one) => one.row);
    const targets = rows.map((other) => samples.targets[other]!);
    const asked = fewRows(input, Int32Array.of(...rows, row));
    const points: TracedPoint[] = [];
    for (const { fitted, learningRate } of await fitsOnTheWay(trace, path, explainer, engine))
      points.push({ layer: fitted.lastLayer!(asked), learningRate });
    const found = tracedStates(points, targets, code).map((one) => ({ ...one, row: rows[one.row]! }));
    return { found, among: rows.length, checkpoints: points.length };
  }
  if (input.kind !== 'sparse' || modelByName(trace.config.model.name).usesEngine) return undefined;
  const found = influencesOn(
    {
      ...{ features: input.matrix, outputs, training, targets: samples.targets },
      probabilities: softmaxRows(model.predictLogits(input), outputs),
      weights: new Float64Array(samples.ids.length).fill(1),
    },
    row,
    code,
  );
  return { found, among: training.length, checkpoints: 1 };
}

/** The networks that were kept on the way to the final one, and it, each with the learning rate of its epoch. */
async function fitsOnTheWay(
  trace: RunTrace,
  path: string,
  { model }: Explainer,
  engine: () => Promise<Engine>,
) {
  const curve = traced(trace, path, 'epochs');
  const table = curve && (await gather(trace.artifacts.readTable(curve)));
  if (!table?.columns['rate']) return [{ fitted: model, learningRate: 1 }];
  const rates = numbers(table, 'rate');
  const flagged = (name: string): number[] =>
    [...integers(table, name).keys()].filter((at) => integers(table, name)[at] === 1);
  const milestones = trace.shards.get(path)?.outputs['milestones'] ?? [];
  const kind = modelByName(trace.config.model.name);
  const earlier = await Promise.all(
    flagged('milestone').map(async (at, i) => ({
      fitted: kind.load(await trace.artifacts.readModel(milestones[i]!), await engine()),
      learningRate: rates[at]!,
    })),
  );
  return [...earlier, { fitted: model, learningRate: rates[flagged('kept')[0]!]! }];
}

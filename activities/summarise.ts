import { z } from 'zod';
import { BoostSummary, RoundSummary } from '../contracts/summary.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import type { QuarantineSummary, RunSummary, SampleExample } from '../contracts/summary.js';
import { argmaxRows } from '../core/probability.js';
import { effectiveSampleSize } from '../core/weighting/index.js';
import { gather, integers, numbers, texts, vectors } from '../core/table.js';
import type { Columns } from '../contracts/settings.js';
import { loadSamples, only, readDocument } from './prepared.js';
import { readTexts } from './rowText.js';
import { readWeights } from './unit.js';

type Histogram = RunSummary['weights']['histogram'];

const BINS = 24;
const QUARANTINE_EXAMPLES = 5;
const QUARANTINE_SHOWN = ['rule', 'id', 'file', 'line', 'reason'];

/** Equal bins from the least to the largest value. */
export function histogramOf(values: Float64Array, bins = BINS): Histogram {
  if (values.length === 0) return [];
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = (high - low) / bins || 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1;
  return counts.map((count, b) => ({ low: low + b * width, high: low + (b + 1) * width, count }));
}

/** Rows dropped by each rule, with a few of them. */
export async function quarantineSummary(
  inputs: Artifacts,
  { artifacts }: StageContext,
): Promise<z.infer<typeof QuarantineSummary>[]> {
  const byRule = new Map<string, z.infer<typeof QuarantineSummary>>();
  for (const ref of inputs['quarantine'] ?? []) {
    for await (const batch of artifacts.readTable(ref, { columns: QUARANTINE_SHOWN })) {
      const [rules, ids, files, reasons] = ['rule', 'id', 'file', 'reason'].map((name) => texts(batch, name));
      const lines = numbers(batch, 'line');
      rules!.forEach((rule, i) => {
        const held = byRule.get(rule ?? '') ?? { rule: rule ?? '', rows: 0, examples: [] };
        byRule.set(held.rule, held);
        held.rows += 1;
        if (held.examples.length >= QUARANTINE_EXAMPLES) return;
        const where = Number.isNaN(lines[i]) ? (files![i] ?? '') : `${files![i] ?? ''}:${lines[i]}`;
        held.examples.push({ id: ids![i] ?? '', where, reason: reasons![i] ?? '' });
      });
    }
  }
  return [...byRule.values()].sort((a, b) => b.rows - a.rows);
}

const documents = (inputs: Artifacts, name: string, { artifacts }: StageContext): Promise<unknown[]> =>
  Promise.all((inputs[name] ?? []).map((ref) => readDocument(artifacts, ref)));

/** Decisions of all rounds, in order. */
export const roundSummaries = async (inputs: Artifacts, context: StageContext): Promise<RoundSummary[]> =>
  z.array(RoundSummary).parse(await documents(inputs, 'decisions', context));

/** Slice boosts that were proposed, in order. */
export const boostSummaries = async (inputs: Artifacts, context: StageContext): Promise<BoostSummary[]> =>
  z.array(BoostSummary).parse(await documents(inputs, 'boosts', context));

/** How the training rows were weighed in the chosen configuration. */
export async function weightsSummary(
  inputs: Artifacts,
  policy: string,
  estimator: string,
  mixedWithUniform: number,
  context: StageContext,
): Promise<RunSummary['weights']> {
  const samples = await loadSamples(inputs, context);
  const all = await readWeights(inputs, policy, samples.ids.length, context);
  const weights = all.filter((weight, row) => samples.split[row] === 0 && !Number.isNaN(weight));
  return {
    policy,
    estimator,
    effectiveSampleSize: effectiveSampleSize(weights),
    mixedWithUniform,
    histogram: histogramOf(weights),
  };
}

/** The scores of the training rows, with the samples at both ends. */
export async function scoresSummary(
  inputs: Artifacts,
  policy: string,
  unit: string,
  columns: Columns,
  examples: number,
  context: StageContext,
): Promise<RunSummary['scores']> {
  if (!inputs['scores']) return { unit, mean: 0, histogram: [], most: [], least: [] };
  const samples = await loadSamples(inputs, context);
  const table = await gather(context.artifacts.readTable(only(inputs, 'scores')));
  const rows = integers(table, 'row');
  const scores = numbers(table, 'score');
  const weights = await readWeights(inputs, policy, samples.ids.length, context);
  const evidence = await gather(context.artifacts.readTable(only(inputs, 'evidence')));
  const { width, values } = vectors(evidence, 'logits');
  const predicted = argmaxRows(values, width);
  const order = Int32Array.from(rows.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const least = order.subarray(0, examples);
  const most = order.subarray(Math.max(0, order.length - examples));
  const shown = [...least, ...most].map((i) => rows[i]!);
  const textOf = await readTexts(context.artifacts, only(inputs, 'dataset'), shown, columns.text);
  const example = (i: number): SampleExample => {
    const row = rows[i]!;
    return {
      id: samples.ids[row]!,
      text: textOf(row),
      target: samples.classes[samples.targets[row]!] ?? '',
      predicted: samples.classes[predicted[i]!] ?? '',
      score: scores[i]!,
      weight: weights[row]!,
    };
  };
  return {
    unit,
    mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    histogram: histogramOf(scores),
    least: Array.from(least, example),
    most: Array.from(most, example).reverse(),
  };
}

import { z } from 'zod';
import { GateConfig } from '../contracts/settings.js';
import { Analysis } from '../contracts/summary.js';
import { decideGate } from '../core/gate/gate.js';
import { taskByName } from '../core/tasks/index.js';
import { gather, integers, texts, vectors } from '../core/table.js';
import { loadSamples, only, readDocument, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  task: z.string(),
  metric: z.string().optional(),
  gate: GateConfig,
  policy: z.string(),
  effectiveSampleSize: z.number(),
});
type Params = z.infer<typeof Params>;

/** Champion (tuned uniform, until a model is registered) against challenger (the chosen one), on the test split. */
export const gate: Stage<Params> = {
  name: 'gate',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'analysis', 'predictions'],
  summary: ({ policy }) => `champion against challenger (${policy}) on the test split`,
  async run({ params, inputs, seed }, context) {
    const analysis = Analysis.parse(await readDocument(context.artifacts, only(inputs, 'analysis')));
    const samples = await loadSamples(inputs, context);
    const predictions = await gather(context.artifacts.readTable(only(inputs, 'predictions')));
    const arms = texts(predictions, 'arm');
    const rows = integers(predictions, 'row');
    const { width, values } = vectors(predictions, 'logits');
    const task = taskByName(params.task);
    const meritsOf = (arm: string): Float64Array => {
      const from = arms.indexOf(arm);
      const to = arms.lastIndexOf(arm) + 1;
      const targets = Int32Array.from(rows.subarray(from, to), (row) => samples.targets[row]!);
      const logits = { rows: to - from, cols: width, values: values.subarray(from * width, to * width) };
      return task.merit({ targets, logits }, analysis.metric);
    };
    const testRows = rows.subarray(arms.indexOf('weighted'), arms.lastIndexOf('weighted') + 1);
    const targets = Int32Array.from(testRows, (row) => samples.targets[row]!);
    const decision = decideGate({
      champion: meritsOf('uniform'),
      challenger: meritsOf('weighted'),
      groups: Int32Array.from(testRows, (row) => samples.groups[row]!),
      slices: samples.classes.map((name, code) => ({
        name: `target = ${name}`,
        rows: Int32Array.from(targets.keys()).filter((i) => targets[i] === code),
      })),
      calibrationError: calibrationError(analysis),
      effectiveSampleSize: params.effectiveSampleSize,
      config: params.gate,
      openings: analysis.testOpenings,
      metric: analysis.metric,
      seed,
    });
    return {
      outputs: { decision: [await writeDocument(context.artifacts, decision)] },
      figures: { promoted: decision.promoted ? 1 : 0, reason: decision.reason },
    };
  },
};

/** Expected calibration error, from the bins of the analysis. */
function calibrationError({ calibration }: Analysis): number {
  const total = calibration.reduce((sum, { count }) => sum + count, 0);
  return calibration.reduce(
    (sum, { confidence, accuracy, count }) => sum + (count / total) * Math.abs(confidence - accuracy),
    0,
  );
}

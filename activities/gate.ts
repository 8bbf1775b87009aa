import { z } from 'zod';
import { GateConfig, TaskChoice } from '../contracts/settings.js';
import { Analysis } from '../contracts/summary.js';
import { decideGate } from '../core/gate/gate.js';
import { taskOf } from '../core/tasks/index.js';
import { gather, integers, texts, vectors } from '../core/table.js';
import { judgedRows, unitGroups, type JudgedRows } from './judged.js';
import { loadSamples, only, readDocument, writeDocument } from './prepared.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  task: TaskChoice,
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
    const task = taskOf(params.task);
    const judgedArm = (arm: string): JudgedRows => {
      const from = arms.indexOf(arm);
      const to = arms.lastIndexOf(arm) + 1;
      const logits = values.subarray(from * width, to * width);
      return judgedRows(samples, { rows: rows.subarray(from, to), outputs: width, logits });
    };
    const weighted = judgedArm('weighted');
    const decision = decideGate({
      champion: task.merit(judgedArm('uniform'), analysis.metric),
      challenger: task.merit(weighted, analysis.metric),
      groups: unitGroups(task, weighted),
      slices: task.judges === 'samples' ? classSlices(samples.classes, weighted.targets) : [],
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

const classSlices = (classes: readonly string[], targets: Int32Array) =>
  classes.map((name, code) => ({
    name: `target = ${name}`,
    rows: Int32Array.from(targets.keys()).filter((i) => targets[i] === code),
  }));

/** Expected calibration error, from the bins of the analysis. */
function calibrationError({ calibration }: Analysis): number {
  const total = calibration.reduce((sum, { count }) => sum + count, 0);
  return calibration.reduce(
    (sum, { confidence, accuracy, count }) => sum + (count / total) * Math.abs(confidence - accuracy),
    0,
  );
}

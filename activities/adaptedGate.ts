import { z } from 'zod';
import type { FittedModel } from '../contracts/model.js';
import { GateConfig } from '../contracts/gateSettings.js';
import { AnalyseConfig } from '../contracts/settings.js';
import type { GateDecision } from '../contracts/summary.js';
import type { ColumnBatch } from '../contracts/table.js';
import { decideGate } from '../core/gate/gate.js';
import { metricByName } from '../core/metrics/index.js';
import { softmaxRows } from '../core/probability.js';
import type { SliceColumn } from '../core/slices/enumerateSlices.js';
import { classification } from '../core/tasks/classification.js';
import type { Adapting } from './adapting.js';
import { classSlices, columnSlices } from './gateSlices.js';
import { sliceColumns } from './sliceColumns.js';

/** What the run that made the first of these models was told of its gate; a model without a run has the defaults. */
const Asked = z.object({
  gate: GateConfig.prefault({}),
  analyse: AnalyseConfig.prefault({}),
});

/** Columns that slices of the champion's data are cut by, as its run was told. */
export const adaptedSlices = ({ version, columns }: Adapting, table: ColumnBatch): SliceColumn[] =>
  sliceColumns(table, columns, Asked.parse(version.config).analyse.slices.columns);

/** The gate's answer, and whether a person has to say yes beside it. */
export interface AdaptedGate {
  readonly decision: GateDecision;
  readonly needsApproval: boolean;
}

/**
 * Asks the gate whether a model that went on may replace the champion: as after a run, with the champion's own settings, on
 * the new test rows. Every row that it was trained on counted 1, so that its effective sample size is whole.
 *
 * @param opening how often these test rows have been opened, this time included
 */
export function askGate(ground: Adapting, model: FittedModel, opening: number, seed: number): AdaptedGate {
  const { version, champion, classes, test, testTable } = ground;
  const { gate } = Asked.parse(version.config);
  const { targets } = test;
  const logitsOf = (one: FittedModel) => one.predictLogits({ kind: 'sparse', matrix: test.matrix });
  const challenger = logitsOf(model);
  const merits = (values: Float64Array): Float64Array =>
    classification.merit(
      { targets, logits: { rows: targets.length, cols: classes.length, values } },
      'accuracy',
    );
  const probabilities = softmaxRows(challenger, classes.length);
  const decision = decideGate({
    champion: merits(logitsOf(champion)),
    challenger: merits(challenger),
    groups: test.groups ?? Int32Array.from(targets.keys()),
    slices: [...classSlices(classes, targets), ...columnSlices(adaptedSlices(ground, testTable), gate)],
    calibrationError: metricByName('ece').compute({ targets, probabilities, outputs: classes.length }),
    effectiveSampleSize: 1,
    config: gate,
    openings: opening,
    metric: 'accuracy',
    seed,
  });
  return { decision, needsApproval: gate.approval === 'required' };
}

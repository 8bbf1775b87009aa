import type { ArtifactRef } from '../contracts/artifact.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { CURVE_COLUMNS, curveOf, type Watched } from './fitCurve.js';
import type { FinishedFit, FitPathJob } from './fitPath.js';

/** Larger networks are kept as they are in the end alone. */
const MOST_NUMBERS = 1 << 24;

/** What a path of fits is asked for, and what came of it once it is over. */
interface KeptFits {
  readonly hooks: Pick<FitPathJob, 'onFitted' | 'milestones'>;
  outputs(): Promise<Artifacts>;
}

/**
 * Keeps the models of a path of fits, how they were trained, and of networks some epochs on the way.
 *
 * @param watched rows that curves are drawn for
 * @param isTraced whether somebody may ask what taught the model
 */
export function keepFits(
  artifacts: ArtifactStore,
  watched: Watched | undefined,
  isTraced: boolean,
): KeptFits {
  const models: ArtifactRef[] = [];
  const milestones: ArtifactRef[] = [];
  const curves: ColumnBatch[] = [];
  return {
    hooks: {
      ...(isTraced ? { milestones: isMilestone } : {}),
      onFitted: async (fit) => {
        models.push(await artifacts.writeModel(fit.model.tensors()));
        const done = { ...fit, milestones: onTheWay(fit) };
        for (const { tensors } of done.milestones) milestones.push(await artifacts.writeModel(tensors));
        const curve = curveOf(done, watched);
        if (curve) curves.push(curve);
      },
    },
    outputs: async () => ({
      models,
      ...(milestones.length > 0 ? { milestones } : {}),
      ...(curves.length > 0
        ? { epochs: [await artifacts.writeTable('metrics', CURVE_COLUMNS, curves)] }
        : {}),
    }),
  };
}

/** Epochs whose networks are kept, to tell later what taught them: 1, 2, 4, 8 …, denser where more is learned. */
export const isMilestone = (epoch: number): boolean => Number.isInteger(Math.log2(epoch));

/** Those that led to the model: none that early stopping left behind, and not the model itself. */
function onTheWay({ model, milestones }: FinishedFit): FinishedFit['milestones'] {
  const numbers = model.tensors().reduce((sum, { data }) => sum + data.length, 0);
  if (!model.lastLayer || numbers > MOST_NUMBERS) return [];
  return milestones.filter(({ epoch }) => epoch < (model.history?.kept ?? 0));
}

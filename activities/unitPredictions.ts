import { argmaxRows, softmaxRows } from '../core/probability.js';
import { FULL_UNIT } from '../core/loop/unit.js';
import type { SampleTable } from './prepared.js';
import { readLogits, traced, type RunTrace } from './runTrace.js';

/** What one model that never saw a sample said of it. */
export interface UnitPrediction {
  /** Outer fold that the model's side held out, or FULL_UNIT: all training rows. */
  readonly unit: number;
  /** outOfFold: by the inner folds; uniform: the unit held the sample out; final: the model that the run ended with. */
  readonly model: 'outOfFold' | 'uniform' | 'final';
  readonly strength: number;
  readonly predicted: string;
  readonly probability: number;
  readonly givenProbability: number; // NaN where training knows no such class
}

/** Predictions of one row by every model of the run that did not train on it, the whole training split last. */
export async function unitPredictions(
  trace: RunTrace,
  samples: SampleTable,
  row: number,
): Promise<UnitPrediction[]> {
  const read = reader(trace, samples, row);
  const found: (UnitPrediction | undefined)[] = [];
  const uniform = Number(trace.shards.get('train.choose')?.figures['strength']);
  for (const unit of [...Array(trace.config.loop.outerFolds).keys(), FULL_UNIT]) {
    const name = unit === FULL_UNIT ? 'full' : String(unit);
    const weighed = `importance.weigh.${name}`;
    const strength = Number(trace.shards.get(weighed)?.figures['evidenceStrength']);
    found.push(await read(weighed, 'best', { unit, model: 'outOfFold', strength }));
    found.push(
      await read(`train.fit.uniform.${name}`, 'predictions', { unit, model: 'uniform', strength: uniform }),
    );
  }
  return [...found, await finalPrediction(trace, read)].filter((one) => one !== undefined);
}

type Reader = (
  path: string,
  output: string,
  said: Pick<UnitPrediction, 'unit' | 'model' | 'strength'>,
  arm?: string,
) => Promise<UnitPrediction | undefined>;

/** Of a validation row by its fit, of a test row by the analysis; a training row has been seen. */
async function finalPrediction(trace: RunTrace, read: Reader): Promise<UnitPrediction | undefined> {
  const path = [...trace.shards.keys()].find((one) => one.startsWith('loop.weighted.fit.'));
  const said = { unit: FULL_UNIT, model: 'final', strength: finalStrength(trace) } as const;
  return (
    (path === undefined ? undefined : await read(path, 'predictions', said)) ??
    (await read('analyse', 'predictions', said, 'weighted'))
  );
}

/** The strength in use after the last round. */
function finalStrength({ shards, config }: RunTrace): number {
  for (let round = config.loop.maxRounds; round >= 0; round--) {
    const figures = shards.get(round === 0 ? 'train.choose' : `loop.${round}.choose`)?.figures;
    if (figures) return Number(figures['strength']);
  }
  return NaN;
}

function reader(trace: RunTrace, samples: SampleTable, row: number): Reader {
  const wanted = new Set([row]);
  return async (path, output, said, arm) => {
    const ref = traced(trace, path, output);
    if (!ref) return undefined;
    const fits = arm === undefined ? { strength: said.strength } : { arm };
    const { rows, outputs, logits } = await readLogits(trace, ref, fits, wanted);
    if (rows.length === 0) return undefined;
    const probabilities = softmaxRows(logits, outputs);
    const best = argmaxRows(logits, outputs)[0]!;
    return {
      ...said,
      predicted: samples.classes[best]!,
      probability: probabilities[best]!,
      givenProbability: probabilities[samples.targets[row]!] ?? NaN,
    };
  };
}

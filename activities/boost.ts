import { z } from 'zod';
import { ConfigError } from '../contracts/errors.js';
import { Columns, TaskChoice } from '../contracts/settings.js';
import type { Artifacts } from '../contracts/stage.js';
import type { StageContext } from '../contracts/store.js';
import { knownRows, unitRows } from '../core/choice/division.js';
import { argmaxRows } from '../core/probability.js';
import { boostOfRows, proposeBoost, type BoostProposal } from '../core/slices/boost.js';
import { enumerateSlices, type Slice } from '../core/slices/enumerateSlices.js';
import { taskOf } from '../core/tasks/index.js';
import { fitNoisePosterior, weigh, type Weighing } from '../core/weighting/index.js';
import { SchemeParams } from './params.js';
import { loadSamples, only, type SampleTable, writeDocument } from './prepared.js';
import { sliceColumnNames, sliceColumns } from './sliceColumns.js';
import { readSome } from './rowSource.js';
import type { Stage } from './stage.js';
import { readPredictions, readWeights } from './unit.js';

const Params = z.strictObject({
  task: TaskChoice,
  columns: Columns,
  sliceBy: z.array(z.string()).optional(),
  scheme: SchemeParams,
  unit: z.int().min(-1),
  /** Column of the denoising weights d in the table of weights; `uniform` needs none. */
  base: z.string(),
  /** Column that the boosted weights get. */
  name: z.string(),
  /** b of the unit so far. */
  factors: z.array(z.strictObject({ slice: z.string(), factor: z.number().positive() })),
  minSupport: z.int().positive(),
  minEffectiveSampleSize: z.number(),
  /** Null: propose nothing, only carry b over to new weights. */
  propose: z
    .strictObject({ factor: z.number(), maxNoiseRate: z.number(), refused: z.array(z.string()) })
    .nullable(),
});
type Params = z.infer<typeof Params>;

/**
 * Proposes the slice of a unit that should weigh more, and makes its weights n·d·b / Σ d·b.
 *
 * What may look at which label: the proposal reads the unit's *training* rows only, each predicted by a model of the
 * inner fold that held it out, so that an error is not one that the model was shown the answer to. The rows that judge
 * the boost (the held-out outer fold, or validation) have no part in it. One proposal made from all training rows and
 * judged in the outer folds would leak: the slice would be picked *because* those very labels were missed there, and
 * whatever is trained next wins some of them back by chance. So every unit proposes by itself, and what is judged is the
 * procedure: held-out rows count as inside when they are in the slice that their own unit boosted.
 *
 * Slices are cut by features, never by the target: a class that weighs more is predicted more often, which always wins
 * among the rows that carry its label. Their limits come from training and validation rows together, without labels, so
 * that a name means the same rows in every unit.
 */
export const boost: Stage<Params> = {
  name: 'boost',
  paramsSchema: Params,
  inputs: ['samples', 'classes', 'dataset'],
  summary: ({ unit, propose }) => `${propose ? 'propose a slice boost' : 'carry boosts over'}: unit ${unit}`,
  async run({ params, inputs }, context) {
    const samples = await loadSamples(inputs, context);
    const { training, heldOut } = unitRows(samples, params.scheme, params.unit);
    const slices = await rowsBySlice(params, inputs, samples, context);
    const found = await propose(params, inputs, training, slices, samples, context);
    const proposal = found?.proposal ?? null;
    const factors = [
      ...params.factors.filter(({ slice }) => slice !== proposal?.slice),
      ...(proposal ? [proposal] : []),
    ];
    const weighed = await writeWeights(params, inputs, training, boostOf(factors, slices, samples), context);
    const inside = new Set(proposal ? slices.get(proposal.slice) : []);
    const rows = heldOut.filter((row) => inside.has(row));
    const heldOutRows = await context.artifacts.writeTable(
      'samples',
      [{ name: 'row', type: 'int32' }],
      [{ rows: rows.length, columns: { row: rows } }],
    );
    return {
      outputs: {
        weights: weighed.outputs,
        ...(found
          ? { inside: [heldOutRows], proposal: [await writeDocument(context.artifacts, found)] }
          : {}),
      },
      figures: {
        slice: proposal?.slice ?? '',
        ...(proposal ? { factor: proposal.factor, trustedError: proposal.trustedError } : {}),
        effectiveSampleSize: weighed.effectiveSampleSize,
        mixedWithUniform: weighed.mixedWithUniform,
      },
    };
  },
};

/** Rows (of the run's table, ascending) of every slice of training and validation rows. */
async function rowsBySlice(
  { columns, sliceBy, minSupport }: Params,
  inputs: Artifacts,
  samples: SampleTable,
  { artifacts, memo }: StageContext,
): Promise<ReadonlyMap<string, Int32Array>> {
  const names = sliceColumnNames(columns, sliceBy).filter((name) => name !== 'target');
  const ref = only(inputs, 'dataset');
  if (names.length === 0) return new Map();
  return memo(`slices/${ref.sha256}/${minSupport}/${names.join('/')}`, async () => {
    const rows = Int32Array.from([...knownRows(samples, 0), ...knownRows(samples, 1)]).sort();
    const dataset = await readSome(artifacts, ref, rows, names);
    const found = enumerateSlices({
      columns: sliceColumns(dataset, columns, names),
      minSupport,
      pairs: false,
    });
    return new Map(found.map((slice) => [slice.name, slice.rows.map((at) => rows[at]!)]));
  });
}

/** Undefined where no proposal is asked for, or none makes sense: no single sample is wrong by its target. */
async function propose(
  params: Params,
  inputs: Artifacts,
  training: Int32Array,
  slices: ReadonlyMap<string, Int32Array>,
  samples: SampleTable,
  context: StageContext,
): Promise<BoostProposal | undefined> {
  const { aleatoric, judges } = taskOf(params.task);
  if (!params.propose || aleatoric || judges === 'groups') return undefined;
  const [best] = [...(await readPredictions(inputs, 'best', context)).values()];
  const { logits, outputs } = best!; // of the training rows, ascending
  const targets = training.map((row) => samples.targets[row]!);
  const predicted = argmaxRows(logits, outputs);
  const positions = new Map([...training].map((row, at) => [row, at]));
  const ownRows = (rows: Int32Array): Int32Array =>
    Int32Array.from([...rows].flatMap((row) => positions.get(row) ?? []));
  return proposeBoost({
    wrong: Uint8Array.from(targets, (target, at) => (predicted[at] === target ? 0 : 1)),
    posterior: fitNoisePosterior(logits, targets, outputs).posterior,
    slices: [...slices].map(([name, rows]): Slice => ({ name, rows: ownRows(rows) })),
    factors: params.factors,
    minSupport: params.minSupport,
    ...params.propose,
  });
}

function boostOf(
  factors: Params['factors'],
  slices: ReadonlyMap<string, Int32Array>,
  samples: SampleTable,
): Float64Array {
  const boosted = factors.map(({ slice, factor }) => {
    const rows = slices.get(slice);
    if (rows) return { rows, factor };
    throw new ConfigError(
      `the slice "${slice}" was boosted in an earlier round and is not there any more: ` +
        'leave analyse.slices.columns and loop.sliceBoosts.minSupport as they were, or start the run anew',
    );
  });
  return boostOfRows(samples.ids.length, boosted);
}

/** d and d·b as columns, so that later boosts start from d; only the floor of the effective sample size is applied anew. */
async function writeWeights(
  { base, name, minEffectiveSampleSize }: Params,
  inputs: Artifacts,
  training: Int32Array,
  boosts: Float64Array,
  context: StageContext,
): Promise<Pick<Weighing, 'effectiveSampleSize' | 'mixedWithUniform'> & { outputs: Artifacts[string] }> {
  const all = await readWeights(inputs, base, boosts.length, context);
  const denoising = Float64Array.from(training, (row) => all[row]!);
  const weighing = weigh(
    denoising.map((weight, i) => weight * boosts[training[i]!]!),
    { minEffectiveSampleSize },
  );
  const columns = { row: training, [base]: denoising, [name]: weighing.weights };
  const table = await context.artifacts.writeTable(
    'weights',
    [
      { name: 'row', type: 'int32' },
      { name: base, type: 'float64' },
      { name, type: 'float64' },
    ],
    [{ rows: training.length, columns }],
  );
  const { effectiveSampleSize, mixedWithUniform } = weighing;
  return { outputs: [table], effectiveSampleSize, mixedWithUniform };
}

import { z } from 'zod';
import type { ArtifactRef } from '../contracts/artifact.js';
import type { Profile } from '../contracts/drift.js';
import { CHAMPION } from '../contracts/registry.js';
import { Columns } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import { type Distributions, profileRows, type Rows } from '../core/drift/profile.js';
import { only, writeDocument } from './prepared.js';
import { profileElsewhere } from './profileElsewhere.js';
import { openRows, type RowSource } from './rowSource.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({
  columns: Columns,
  /** Of the model whose champion's data are compared with; undefined: with none. */
  model: z.string().optional(),
});
type Params = z.infer<typeof Params>;

/** Distributions of every column, and how they differ from the data that the champion was made of. */
export const profile: Stage<Params> = {
  name: 'profile',
  paramsSchema: Params,
  inputs: ['dataset'],
  summary: ({ model }) =>
    model === undefined ? 'distributions' : `distributions, and drift against ${model}`,
  async run({ params: { columns, model }, inputs }, context) {
    const table = only(inputs, 'dataset');
    const reference = model === undefined ? undefined : await championData(model, columns, context);
    const { columns: profiles, shifts } = await distributions(columns, table, reference?.table, context);
    const found: Profile = {
      rows: table.rows,
      columns: profiles,
      drift: reference ? { against: reference.name, rows: reference.table.rows, shifts } : null,
    };
    const [widest] = shifts;
    return {
      outputs: { profile: [await writeDocument(context.artifacts, found)] },
      figures: {
        columns: found.columns.length,
        ...(reference ? { against: reference.name } : {}),
        ...(widest ? { drifted: shifts.filter(({ level }) => level !== 'none').length } : {}),
        ...(widest ? { widest: widest.name, psi: widest.psi } : {}),
      },
    };
  },
};

async function distributions(
  columns: Columns,
  table: ArtifactRef,
  reference: ArtifactRef | undefined,
  context: StageContext,
): Promise<Distributions> {
  const { elsewhere } = context;
  if (elsewhere) return profileElsewhere(columns, table, reference, { ...context, elsewhere });
  const tables = [];
  for (const ref of reference ? [table, reference] : [table])
    tables.push(await openRows(ref, context, false));
  const [rows, before] = tables;
  const watch = watching(tables, columns, context);
  return profileRows(columns, watch(rows!), before && watch(before));
}

/** The champion's cleaned table; undefined where there is no champion, its data are gone, or they have other columns. */
async function championData(
  model: string,
  columns: Columns,
  { registry, artifacts }: StageContext,
): Promise<{ readonly name: string; readonly table: ArtifactRef } | undefined> {
  const move = await registry.holder(model, CHAMPION);
  const held = move && (await registry.version(model, move.version));
  if (!held || !(await artifacts.verify(held.artifacts.dataset))) return undefined;
  const table = held.artifacts.dataset;
  const specs = (await artifacts.manifest(table)).columns;
  const wanted = [...columns.text, ...columns.attributes, ...columns.numeric, ...columns.categorical];
  if (!wanted.every((column) => specs.some(({ name }) => name === column))) return undefined;
  return { name: `${model}@${held.version}`, table };
}

/** Tables that tell how much of them was looked at, column by column. @throws the abortion, between two batches */
function watching(
  tables: readonly RowSource[],
  { text, attributes, numeric, categorical }: Columns,
  { progress, signal }: StageContext,
): (rows: RowSource) => Rows {
  const looks = 1 + text.length + attributes.length + numeric.length + categorical.length;
  const total = Math.max(1, looks * tables.reduce((sum, { rows }) => sum + rows, 0));
  let done = 0;
  return (rows) => ({
    async *read(wanted) {
      for await (const batch of rows.read(wanted)) {
        signal.throwIfAborted();
        yield batch;
        progress({ done: (done += batch.rows), total, unit: 'cells' });
      }
    },
  });
}

import { z } from 'zod';
import type { Profile } from '../contracts/drift.js';
import { CHAMPION } from '../contracts/registry.js';
import { Columns } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import { profileRows, type Rows } from '../core/drift/profile.js';
import { only, writeDocument } from './prepared.js';
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
    const rows = await openRows(only(inputs, 'dataset'), context, false);
    const reference = model === undefined ? undefined : await championData(model, columns, context);
    const watch = watching([rows, ...(reference ? [reference.rows] : [])], columns, context);
    const { columns: profiles, shifts } = await profileRows(
      columns,
      watch(rows),
      reference && watch(reference.rows),
    );
    const found: Profile = {
      rows: rows.rows,
      columns: profiles,
      drift: reference ? { against: reference.name, rows: reference.rows.rows, shifts } : null,
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

/** The champion's cleaned table; undefined where there is no champion, its data are gone, or they have other columns. */
async function championData(
  model: string,
  columns: Columns,
  context: StageContext,
): Promise<{ readonly name: string; readonly rows: RowSource } | undefined> {
  const { registry, artifacts } = context;
  const move = await registry.holder(model, CHAMPION);
  const held = move && (await registry.version(model, move.version));
  if (!held || !(await artifacts.verify(held.artifacts.dataset))) return undefined;
  const rows = await openRows(held.artifacts.dataset, context, false);
  const wanted = [...columns.text, ...columns.attributes, ...columns.numeric, ...columns.categorical];
  if (!wanted.every((column) => rows.columns.includes(column))) return undefined;
  return { name: `${model}@${held.version}`, rows };
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

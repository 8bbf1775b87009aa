import { z } from 'zod';
import type { Profile } from '../contracts/drift.js';
import { CHAMPION } from '../contracts/registry.js';
import { Columns } from '../contracts/settings.js';
import type { StageContext } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { compareTables, profileTable } from '../core/drift/profile.js';
import { gather } from '../core/table.js';
import { only, writeDocument } from './prepared.js';
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
    const table = await gather(context.artifacts.readTable(only(inputs, 'dataset')));
    const reference = model === undefined ? undefined : await championData(model, columns, context);
    const shifts = reference ? compareTables(reference.table, table, columns) : [];
    const found: Profile = {
      rows: table.rows,
      columns: profileTable(table, columns),
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

/** The champion's cleaned table; undefined where there is no champion, its data are gone, or they have other columns. */
async function championData(
  model: string,
  columns: Columns,
  { registry, artifacts }: StageContext,
): Promise<{ name: string; table: ColumnBatch } | undefined> {
  const move = await registry.holder(model, CHAMPION);
  const held = move && (await registry.version(model, move.version));
  if (!held || !(await artifacts.verify(held.artifacts.dataset))) return undefined;
  const table = await gather(artifacts.readTable(held.artifacts.dataset));
  const wanted = [...columns.text, ...columns.attributes, ...columns.numeric, ...columns.categorical];
  if (!wanted.every((column) => column in table.columns)) return undefined;
  return { name: `${model}@${held.version}`, table };
}

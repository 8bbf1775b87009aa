import type { ColumnSpec } from '../../contracts/artifact.js';
import type { DatasetConfig } from '../../contracts/settings.js';
import type { Column, ColumnBatch } from '../../contracts/table.js';
import { OWN_COLUMNS } from '../ingest/parts.js';
import { texts } from '../table.js';
import type { Answer } from './answers.js';

/** Who checked, and when, where an answer doesn't say so itself. */
export interface Stamp {
  readonly by: string;
  readonly at: string; // ISO 8601
}

/** A dataset with some labels changed. */
export interface NewVersion {
  readonly columns: readonly ColumnSpec[];
  readonly batch: ColumnBatch;
  /** Settings that read it: the same rows on the same sides, whatever the labels are now. */
  readonly dataset: Pick<DatasetConfig, 'columns' | 'split'>;
  readonly verified: number;
  readonly changed: number;
}

/** Says that, and when, somebody checked the label of a row. */
export const VERIFIED_AT = 'label_verified_at';
/** Columns that tell of a check: the label before it, who, and when. Several checks of one row are all kept. */
const HISTORY = ['label_before', 'label_verified_by', VERIFIED_AT] as const;
const AND = ' | ';

/**
 * The next version of a dataset: all rows and columns of the old one, under the names that the user gave them, with ids
 * and sides spelt out, the verified labels in place, and what was there before beside them.
 *
 * @param batch rows of the table `dataset` as ingest wrote it
 */
export function newVersion(
  batch: ColumnBatch,
  columns: readonly ColumnSpec[],
  settings: Pick<DatasetConfig, 'columns'>,
  answers: ReadonlyMap<string, Answer>,
  stamp: Stamp,
): NewVersion {
  const dataset = readingSettings(settings.columns);
  const names = userNames(columns, dataset.columns);
  const [ids, targets] = [texts(batch, 'id'), texts(batch, 'target')];
  const given = ids.map((id) => answers.get(id ?? ''));
  const labels = targets.map((target, row) => given[row]?.label ?? target);
  const said = (name: (typeof HISTORY)[number], answer: Answer, row: number): string =>
    name === 'label_before'
      ? (targets[row] ?? '')
      : name === 'label_verified_by'
        ? (answer.by ?? stamp.by)
        : (answer.at ?? stamp.at);
  const history = HISTORY.map((name): [string, Column] => {
    const earlier = batch.columns[name] as readonly (string | null)[] | undefined;
    const values = given.map((answer, row) => {
      const before = earlier?.[row] ?? null;
      if (!answer) return before;
      return [before, said(name, answer, row)].filter((one) => one !== null).join(AND);
    });
    return [name, values];
  });
  const kept = columns.filter(({ name }) => !(HISTORY as readonly string[]).includes(name));
  const own = kept.map(({ name }): [string, Column] => [
    names.get(name)!,
    name === 'target' ? labels : batch.columns[name]!,
  ]);
  return {
    columns: [
      ...kept.map(({ name, type }) => ({ name: names.get(name)!, type })),
      ...HISTORY.map((name): ColumnSpec => ({ name, type: 'utf8' })),
    ],
    batch: { rows: batch.rows, columns: Object.fromEntries([...own, ...history]) },
    dataset,
    verified: given.filter((answer) => answer !== undefined).length,
    changed: labels.filter((label, row) => label !== targets[row]).length,
  };
}

function readingSettings(columns: DatasetConfig['columns']): NewVersion['dataset'] {
  return {
    columns: { ...columns, id: columns.id ?? 'id', split: columns.split ?? 'split' },
    split: { by: 'column', train: 'train', validation: 'validation', test: 'test' },
  };
}

/** What each column of the table `dataset` is called in the user's own table. */
function userNames(columns: readonly ColumnSpec[], parts: DatasetConfig['columns']): Map<string, string> {
  const { id, split, target, group, time } = parts;
  const own: Record<string, string | undefined> = { id, split, target, group, event_time: time };
  const taken = new Set(Object.values(own));
  return new Map(
    columns.map(({ name }) => {
      if ((OWN_COLUMNS as readonly string[]).includes(name)) return [name, own[name] ?? name];
      const plain = name.replace(/^source\./u, ''); // a column that was called like one of ours
      return [name, taken.has(plain) ? name : plain];
    }),
  );
}

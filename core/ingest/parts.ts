import { ConfigError } from '../../contracts/errors.js';
import type { Columns, DatasetConfig } from '../../contracts/settings.js';

/** Columns of the table `dataset` that have a meaning of their own, in this order. */
export const OWN_COLUMNS = ['id', 'split', 'target', 'group', 'event_time'] as const;

/** A user's column, and what becomes of it. */
export interface ColumnPart {
  readonly source: string;
  /** Name in the table `dataset`. */
  readonly name: string;
  readonly part: keyof Columns;
  /** Of vectors: how many numbers. */
  readonly width?: number;
}

/**
 * What each configured column becomes. Feature columns keep their names.
 *
 * @throws ConfigError when a column plays two parts, a feature takes the name of an own column, or the way of
 *   splitting needs a column that isn't named
 */
export function columnParts(
  dataset: Pick<DatasetConfig, 'columns' | 'split' | 'duplicateIds'>,
): ColumnPart[] {
  const { columns, split, duplicateIds } = dataset;
  const parts: ColumnPart[] = [];
  const single = [
    ['id', 'id'],
    ['split', 'split'],
    ['target', 'target'],
    ['group', 'group'],
    ['time', 'event_time'],
  ] as const;
  for (const [part, name] of single) {
    const source = columns[part];
    if (source !== undefined) parts.push({ source, name, part });
  }
  for (const part of ['text', 'attributes', 'categorical', 'numeric'] as const) {
    for (const source of columns[part]) parts.push({ source, name: source, part });
  }
  for (const [source, width] of Object.entries(columns.vectors ?? {}))
    parts.push({ source, name: source, part: 'vectors', width });
  checkParts(parts);
  requirePart(parts, 'split', split.by === 'column', 'dataset.split.by: column');
  requirePart(parts, 'time', split.by === 'time', 'dataset.split.by: time');
  requirePart(parts, 'time', split.by === 'lastOfGroup', 'dataset.split.by: lastOfGroup');
  requirePart(parts, 'group', split.by === 'lastOfGroup', 'dataset.split.by: lastOfGroup');
  requirePart(parts, 'time', duplicateIds === 'newest', 'dataset.duplicateIds: newest');
  return parts;
}

function checkParts(parts: readonly ColumnPart[]): void {
  const seen = new Map<string, string>();
  for (const { source, name, part } of parts) {
    const other = seen.get(source);
    if (other !== undefined && !(other === 'group' && part === 'categorical')) {
      throw new ConfigError(
        `dataset.columns: "${source}" is both ${other} and ${part}; a column plays one part`,
      );
    }
    seen.set(source, other ?? part);
    const isFeature = source === name && part !== name;
    if (isFeature && OWN_COLUMNS.some((own) => own === name)) {
      throw new ConfigError(
        `dataset.columns.${part}: "${name}" is the name of a column that Assay makes itself; ` +
          'rename the column in your table',
      );
    }
  }
}

function requirePart(parts: readonly ColumnPart[], part: keyof Columns, needed: boolean, why: string): void {
  if (needed && !parts.some((known) => known.part === part)) {
    throw new ConfigError(`${why} needs dataset.columns.${part}: name the column that holds it`);
  }
}

/** Name in the table `dataset` of a column that the user calls `name` in cleaning rules and contracts. */
export function datasetName(columns: Columns, name: string): string {
  const { id, split, target, group, time } = columns;
  const own = { id, split, target, group, event_time: time };
  return OWN_COLUMNS.find((column) => own[column] === name) ?? name;
}

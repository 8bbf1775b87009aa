import { DataError } from '../../contracts/errors.js';
import { nearestName } from '../nearestName.js';
import { OWN_COLUMNS, type ColumnPart } from './parts.js';

/** Where the cells of one file's rows go. */
export interface Layout {
  /** Position in the header, or -1: JSONL objects may lack a column that others have. */
  readonly positionOf: ReadonlyMap<ColumnPart, number>;
  /** Columns that play no part, as they are called in the table `dataset`. */
  readonly others: readonly { readonly name: string; readonly position: number }[];
}

/**
 * Finds the configured columns in a header. A column that plays no part but is called like one of Assay's own is
 * kept as `source.<name>`.
 *
 * @throws DataError naming the file, the column, what there is, and the nearest name
 */
export function planLayout(file: string, header: readonly string[], parts: readonly ColumnPart[]): Layout {
  const positionOf = new Map<ColumnPart, number>();
  for (const part of parts) {
    const position = header.indexOf(part.source);
    if (position < 0) throw new DataError(missingColumn(file, header, part));
    positionOf.set(part, position);
  }
  return { positionOf, others: otherColumns(header, parts) };
}

/** Like planLayout, where rows bring their own keys: absent columns are missing values. */
export function planLooseLayout(header: readonly string[], parts: readonly ColumnPart[]): Layout {
  const positionOf = new Map(parts.map((part) => [part, header.indexOf(part.source)]));
  return { positionOf, others: otherColumns(header, parts) };
}

/** @throws DataError when a file of loose rows has nowhere a column that is configured */
export function requireColumns(file: string, header: readonly string[], parts: readonly ColumnPart[]): void {
  planLayout(file, header, parts);
}

function otherColumns(header: readonly string[], parts: readonly ColumnPart[]): Layout['others'] {
  const used = new Set(parts.map((part) => part.source));
  return header.flatMap((source, position) => {
    if (used.has(source)) return [];
    const own = OWN_COLUMNS.some((name) => name === source);
    return [{ name: own ? `source.${source}` : source, position }];
  });
}

function missingColumn(file: string, header: readonly string[], { part, source }: ColumnPart): string {
  const nearest = nearestName(source, header);
  const shown = header.slice(0, 20).join(', ') + (header.length > 20 ? ', …' : '');
  const [only] = header;
  const separator =
    header.length === 1 ? [';', '\t', '|', ','].find((sign) => only!.includes(sign)) : undefined;
  const advice = nearest
    ? `; did you mean "${nearest}"?`
    : separator
      ? `; is the file separated by ${JSON.stringify(separator)}? Set dataset.format (csv: commas, tsv: tabs) or convert it`
      : '';
  return `${file}: there is no column "${source}" (dataset.columns.${part}); the file has ${shown}${advice}`;
}

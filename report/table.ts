import { count } from './format.js';
import { html, type Html } from './html.js';

/** A column of a table: its head, and whether its cells are numbers (aligned right, tabular digits). */
export interface TableColumn {
  readonly head: string;
  readonly numeric?: boolean;
}

/** A cell: what is shown, and what it sorts by where that differs. */
export interface Cell {
  readonly show: Html | string;
  readonly sort?: number | string;
}

type Row = readonly (Cell | Html | string)[];

/** More rows than this make a page heavy, and are better read from the summary document. */
const MOST_ROWS = 100;

interface TableOptions {
  /** Scrolls within itself: a screen's height is enough for it. */
  readonly tall?: boolean;
  /** Has a field that leaves only the rows with all of the typed words, where scripts run. */
  readonly filter?: boolean;
  /** Rows that are shown; all others are counted. @default 100 */
  readonly most?: number;
  /** Where the other rows are, if there are more than fit. */
  readonly rest?: string;
}

/** A table, that scrolls within itself on small screens, and sorts by a click on a head where scripts run. */
export function table(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly Row[],
  options: TableOptions | boolean = {},
): Html {
  const {
    tall = false,
    filter = false,
    most = MOST_ROWS,
    rest,
  } = typeof options === 'boolean' ? { tall: options } : options;
  const more = rows.length - most;
  const body = rows.slice(0, most).map(
    (row) =>
      html`<tr>
        ${row.map((cell, index) => cellOf(cell, columns[index], index === 0))}
      </tr>`,
  );
  return html`<div class="scroll${tall ? ' tall' : ''}" role="group" aria-label="${caption}" tabindex="0">
      <table data-sortable${filter ? html` data-filter` : ''}>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${columns.map(headOf)}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${more > 0 ? html`<p class="note">… and ${count(more)} more${rest === undefined ? '' : html`: <code>${rest}</code>`}</p>` : ''}`;
}

const headOf = ({ head, numeric }: TableColumn): Html =>
  html`<th scope="col" ${numeric ? html` class="num"` : ''}><button type="button">${head}</button></th>`;

function cellOf(cell: Row[number], column: TableColumn | undefined, first: boolean): Html {
  const { show, sort } = typeof cell === 'object' && 'show' in cell ? cell : { show: cell, sort: undefined };
  const attributes = html`${column?.numeric ? html` class="num"` : ''}${sort === undefined ? '' : html` data-sort="${String(sort)}"`}`;
  return first ? html`<th scope="row" ${attributes}>${show}</th>` : html`<td${attributes}>${show}</td>`;
}

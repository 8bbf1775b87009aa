import { DataError } from '../../contracts/errors.js';
import { nearestName, nearestNames } from '../nearestName.js';

/** What somebody said the label of a row is. */
export interface Answer {
  readonly label: string;
  readonly line: number; // of the file
  readonly by: string | null;
  readonly at: string | null;
}

/** A filled-in worksheet as it was read. */
export interface AnswerSheet {
  /** Name for messages. */
  readonly file: string;
  readonly header: readonly string[];
  readonly records: readonly { readonly cells: readonly (string | null)[]; readonly line: number }[];
}

/** What an answer may be. */
export interface AnswerTerms {
  /** Says why a row could not have been asked for; undefined where it could. */
  readonly refuseId: (id: string) => string | undefined;
  readonly labels: readonly string[];
}

const LABEL_COLUMNS = ['true_label', 'label'];
const SHOWN = 8;

/**
 * Answers by id; rows without a label were not answered. The same answer twice is one.
 *
 * @throws DataError that names the line: an id that nobody asked for, a label that there is not, two answers that differ
 */
export function readAnswerSheet(sheet: AnswerSheet, terms: AnswerTerms): Map<string, Answer> {
  const { file, header, records } = sheet;
  const idAt = columnOf(sheet, ['id']);
  const labelAt = columnOf(sheet, LABEL_COLUMNS);
  const [byAt, timeAt] = [header.indexOf('verified_by'), header.indexOf('verified_at')];
  const answers = new Map<string, Answer>();
  for (const { cells, line } of records) {
    const cell = (at: number): string | null => cells[at]?.trim() || null;
    const [id, label] = [cell(idAt), cell(labelAt)];
    if (label === null) continue;
    const fail = (why: string): never => {
      throw new DataError(`${file}, line ${line}: ${why}`);
    };
    if (id === null) return fail(`the label "${label}" has no id`);
    const refused = terms.refuseId(id);
    if (refused !== undefined) fail(refused);
    if (!terms.labels.includes(label)) fail(unknownLabel(label, terms.labels));
    const earlier = answers.get(id);
    if (earlier && earlier.label !== label) {
      fail(`"${id}" is "${label}" here and "${earlier.label}" in line ${earlier.line}: leave the right one`);
    }
    answers.set(id, { label, line, by: cell(byAt), at: cell(timeAt) });
  }
  if (answers.size === 0) {
    throw new DataError(`${file}: no row has a ${header[labelAt]}; fill that column in`);
  }
  return answers;
}

/** Where the last column of one of these names is: the user's own columns stand before the worksheet's. */
function columnOf({ file, header }: AnswerSheet, names: readonly string[]): number {
  const found = names.map((name) => header.lastIndexOf(name)).find((at) => at >= 0);
  if (found !== undefined) return found;
  throw new DataError(`${file}: expected a column ${names.join(' or ')}, found ${header.join(', ')}`);
}

function unknownLabel(label: string, labels: readonly string[]): string {
  const near = nearestName(label, labels);
  const known =
    labels.length > SHOWN ? `${labels.slice(0, SHOWN).join(', ')} … (${labels.length})` : labels.join(', ');
  return `there is no label "${label}"; ${near === undefined ? `expected one of ${known}` : `did you mean "${near}"?`}`;
}

/** Says that an id is not among those that there are, with the nearest. */
export function refuseUnknownId(id: string, known: readonly string[]): string {
  const near = nearestNames(id, known, 3).map((name) => `"${name}"`);
  return `there is no row "${id}"${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`;
}

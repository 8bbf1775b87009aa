import { clipText } from '../core/text/characters.js';

/** Markup that is safe to send: made by `html`, or by our own charts. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as markup: escaped, without control characters and halves of characters that no page may hold. */
export const escapeText = (text: string): string =>
  text
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    // eslint-disable-next-line no-control-regex -- these are what we remove
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** Markup from a template. What is put in is escaped, unless it is Html itself; lists are joined, `false` is nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(compact(strings).reduce((all, text, index) => `${all}${text}${render(parts[index])}`, ''));

const compacted = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template without its indentation: a page has many rows. */
function compact(strings: TemplateStringsArray): readonly string[] {
  const known = compacted.get(strings);
  if (known) return known;
  const made = strings.map((text) => text.replace(/\s*\n\s*/g, '\n'));
  compacted.set(strings, made);
  return made;
}

/** Nobody reads more in one place of a page; what is longer is in the summary document. */
const MOST_TEXT = 2_000;

/** Words of ours with texts of data in them: read from left to right, however they begin. */
export const sentence = (text: string): Html => html`<bdi dir="ltr">${text}</bdi>`;

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeText(clipText(part, MOST_TEXT));
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

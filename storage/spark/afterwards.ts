import { randomBytes } from 'node:crypto';
import type { SqlFunction } from '../../contracts/store.js';

/**
 * What only people read is said here, in the end, by our own functions: until then a text holds what they are asked, between
 * marks that no data can know.
 */
export class Afterwards {
  readonly mark = `\u0001${randomBytes(12).toString('hex')}\u0002`;
  readonly #functions = new Map<string, (text: string) => string>();
  readonly #asked = new RegExp(`${this.mark}(\\w+)\\(([^]*?)${this.mark}`, 'g');

  add({ name, call }: SqlFunction): void {
    const said = call as (text: string) => string | null; // such functions take and give texts
    this.#functions.set(name, (text) => said(text) ?? '');
  }

  /** The text with everything said that was asked in it. */
  told(text: string): string {
    if (!text.includes(this.mark)) return text;
    return text.replace(this.#asked, (_, name: string, asked: string) => this.#functions.get(name)!(asked));
  }
}

import type { TableSession } from '../contracts/store.js';
import type { SpooledRows } from './spooledFiles.js';

/** Records of files as they come in, a column for each of their names: text, in columns r0, r1, …, whatever they are called. */
export class TextTable {
  readonly #columns = new Map<string, string>();

  constructor(
    readonly session: TableSession,
    readonly name: string,
  ) {}

  /** Makes it, without rows and columns. */
  async create(): Promise<void> {
    await this.session.run(`CREATE OR REPLACE TABLE ${this.name} (nothing VARCHAR)`);
    this.#columns.clear();
  }

  get header(): readonly string[] {
    return [...this.#columns.keys()];
  }

  sqlOf(column: string): string | undefined {
    return this.#columns.get(column);
  }

  async columns(header: readonly string[]): Promise<readonly string[]> {
    for (const name of header) {
      if (this.#columns.has(name)) continue;
      const column = `r${this.#columns.size}`;
      this.#columns.set(name, column);
      await this.session.run(`ALTER TABLE ${this.name} ADD COLUMN ${column} VARCHAR`);
    }
    return header.map((name) => this.#columns.get(name)!);
  }

  async insert({ header, cells, source }: SpooledRows): Promise<void> {
    const columns = await this.columns(header);
    await this.session.run(
      `INSERT INTO ${this.name} (${columns.join(', ')}) SELECT ${cells.join(', ')} FROM ${source}`,
    );
  }
}

/** Outputs of a fixture, by name. */
export type Outputs = Readonly<Record<string, unknown>>;

/**
 * How one family of fixtures in test/fixtures/importance is computed by this code: one file here, one line in index.ts.
 */
export interface ReferenceFamily {
  /** A fixture belongs to the family whose name its own begins with: `cleanlab` reads `cleanlab_iris.json`. */
  readonly name: string;
  /**
   * @param inputs the fixture's, as parsed
   * @param outputs the fixture's, for its keys and the parameters that it holds among them (`values_by_k`), never to
   * be given back
   * @returns gives the value of each named output: numbers, booleans, texts, or arrays (typed ones too) and records of
   * them; `undefined` for a name that it doesn't know
   */
  read(inputs: unknown, outputs: Outputs): (output: string) => unknown;
}

/** The part of parquetjs-lite 0.8.7 (which brings no types) that storage/metricTables.ts uses. */
declare module 'parquetjs-lite' {
  export interface Field {
    readonly type: 'UTF8' | 'INT32' | 'DOUBLE' | 'BOOLEAN';
    readonly optional?: boolean;
  }
  export type Row = Record<string, string | number | boolean | null | undefined>;

  export class ParquetSchema {
    constructor(fields: Readonly<Record<string, Field>>);
  }
  export class ParquetWriter {
    static openFile(
      schema: ParquetSchema,
      path: string,
      options?: { readonly rowGroupSize?: number },
    ): Promise<ParquetWriter>;
    appendRow(row: Row): Promise<void>;
    close(): Promise<void>;
  }
  export interface Cursor {
    next(): Promise<Row | null>;
  }
  export class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(): Cursor;
    close(): Promise<void>;
  }
}

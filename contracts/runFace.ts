/** How Temporal and its UI show a run, and whose turn it takes; made where it, or its schedule, is started. */
export interface RunFace {
  readonly summary: string; // one line
  readonly details: string; // Markdown
  /** Search attribute AssayDataset. */
  readonly dataset: string;
  readonly memo: Readonly<Record<string, string>>;
  readonly priority?: {
    readonly priorityKey?: number;
    readonly fairnessKey?: string;
    readonly fairnessWeight?: number;
  };
}

/** Names that workflows, workers, CLI and Temporal's UI share. No imports: workflows take these as values. */
export const TASK_QUEUE = { workflow: 'assay-workflow', cpu: 'assay-cpu', gpu: 'assay-gpu' } as const;
export type Role = keyof typeof TASK_QUEUE;

export const TRAIN_WORKFLOW = 'train';
export const BENCHMARK_WORKFLOW = 'benchmark';
/** One firing of a schedule: a run, or nothing where nothing has changed. */
export const RETRAIN_WORKFLOW = 'retrain';
/** Tells people of an event of a run. */
export const NOTIFICATION_WORKFLOW = 'notification';
export const ADAPT_WORKFLOW = 'adapt';
/** Query without arguments; answers a RunStatus. */
export const STATUS_QUERY = 'status';
/** Query without arguments; answers a RunLineage. */
export const LINEAGE_QUERY = 'lineage';
/** Query without arguments; answers a RunMetrics. */
export const METRICS_QUERY = 'metrics';
/** Query with one DryRunAsked object, or without; answers a DryRun. */
export const DRY_RUN_QUERY = 'dryRun';
/** Update with one ResolveStage object. */
export const RESOLVE_UPDATE = 'resolveStage';
/** Update with one StopLoop object. */
export const STOP_UPDATE = 'stopLoop';
/** Update with one ContinueLoop object. */
export const CONTINUE_UPDATE = 'continueLoop';
/** Update with one Approval object. */
export const APPROVE_UPDATE = 'approve';

/** Update with one NewRows object; answers the figures of the adaptation. */
export const ADAPT_UPDATE = 'adaptTo';

/** Typed search attributes: name -> Temporal type. */
export const SEARCH_ATTRIBUTES = {
  AssayStatus: 'KEYWORD',
  AssayStage: 'KEYWORD',
  AssayDataset: 'KEYWORD',
  AssayRound: 'INT',
  AssayMetric: 'DOUBLE',
} as const;

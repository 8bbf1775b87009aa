import type { CommandModule } from './command.js';

/** A command as the overview shows it; its code is loaded only when it is called. */
export interface ListedCommand {
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  load(): Promise<CommandModule>;
}

const START = 'Start';
const LOOK = 'Look at runs';
const LABELS = 'Check labels by hand';
const OPERATE = 'Operate runs';
const MODELS = 'Models';
const KEEP = 'Look after the store';

/** One line per command. */
export const commandList: readonly ListedCommand[] = [
  {
    name: 'demo',
    group: START,
    summary: 'the main job on a catalogue it makes; starts and stops all it needs',
    load: async () => (await import('./commands/demo.js')).demo,
  },
  {
    name: 'init',
    group: START,
    summary: 'writes a first assay.yaml for a table of yours',
    load: async () => (await import('./commands/init.js')).init,
  },
  {
    name: 'dev',
    group: START,
    summary: 'Temporal, its UI and the workers on this machine',
    load: async () => (await import('./commands/dev.js')).dev,
  },
  {
    name: 'worker',
    group: START,
    summary: 'one worker process, for production',
    load: async () => (await import('./commands/worker.js')).worker,
  },
  {
    name: 'run',
    group: START,
    summary: 'starts the run that assay.yaml describes',
    load: async () => (await import('./commands/run.js')).run,
  },
  {
    name: 'score',
    group: START,
    summary: 'label errors, duplicates and outliers of any table, from one command',
    load: async () => (await import('./commands/score.js')).score,
  },
  {
    name: 'benchmark',
    group: START,
    summary: 'importance estimators side by side on built-in sets or your own table',
    load: async () => (await import('./commands/benchmark.js')).benchmark,
  },
  {
    name: 'setup',
    group: START,
    summary: 'fetches what is fetched once for a machine: the Temporal CLI, TensorFlow',
    load: async () => (await import('./commands/setup.js')).setup,
  },
  {
    name: 'doctor',
    group: START,
    summary: 'checks this machine and says how to mend what is missing',
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
  {
    name: 'schema',
    group: START,
    summary: 'JSON Schema of assay.yaml, for editors',
    load: async () => (await import('./commands/schema.js')).schema,
  },
  {
    name: 'completion',
    group: START,
    summary: 'completes commands and options in bash, zsh or fish',
    load: async () => (await import('./commands/completion.js')).completion,
  },
  {
    name: 'runs',
    group: LOOK,
    summary: 'lists runs, newest first',
    load: async () => (await import('./commands/runs.js')).runs,
  },
  {
    name: 'show',
    group: LOOK,
    summary: 'stages, figures and result of a run',
    load: async () => (await import('./commands/show.js')).show,
  },
  {
    name: 'watch',
    group: LOOK,
    summary: 'follows a run until it ends or blocks',
    load: async () => (await import('./commands/watch.js')).watch,
  },
  {
    name: 'logs',
    group: LOOK,
    summary: 'what the workers wrote about a run',
    load: async () => (await import('./commands/logs.js')).logs,
  },
  {
    name: 'report',
    group: LOOK,
    summary: 'a run as one HTML page, as JSON, or as Markdown',
    load: async () => (await import('./commands/report.js')).report,
  },
  {
    name: 'compare',
    group: LOOK,
    summary: 'two or more runs on the test samples that they share',
    load: async () => (await import('./commands/compare.js')).compare,
  },
  {
    name: 'ui',
    group: LOOK,
    summary: 'one page for runs, models and reports, in the browser',
    load: async () => (await import('./commands/ui.js')).ui,
  },
  {
    name: 'explain',
    group: LOOK,
    summary: 'why one sample weighs what it weighs',
    load: async () => (await import('./commands/explain.js')).explain,
  },
  {
    name: 'export',
    group: LOOK,
    summary: "writes a run's transformer as a BERT checkpoint (safetensors)",
    load: async () => (await import('./commands/export.js')).exportModel,
  },
  {
    name: 'decide',
    group: LABELS,
    summary: 'which of two models is better, from the few true labels that tell',
    load: async () => (await import('./commands/decide.js')).decide,
  },
  {
    name: 'relabel',
    group: LABELS,
    summary: 'the labels worth checking first, and a new dataset from the answers',
    load: async () => (await import('./commands/relabel.js')).relabel,
  },
  {
    name: 'retry',
    group: OPERATE,
    summary: 'runs a blocked stage again, or a run anew from a stage; --dry-run says what and why',
    load: async () => (await import('./commands/retry.js')).retry,
  },
  {
    name: 'skip',
    group: OPERATE,
    summary: 'goes on without the blocked stage',
    load: async () => (await import('./commands/resolve.js')).skip,
  },
  {
    name: 'abort',
    group: OPERATE,
    summary: 'ends the blocked run as failed',
    load: async () => (await import('./commands/resolve.js')).abort,
  },
  {
    name: 'stop',
    group: OPERATE,
    summary: 'ends the loop after this round; the run goes on with the best so far',
    load: async () => (await import('./commands/steer.js')).stop,
  },
  {
    name: 'continue',
    group: OPERATE,
    summary: 'lets the loop play more rounds',
    load: async () => (await import('./commands/steer.js')).continueLoop,
  },
  {
    name: 'approve',
    group: OPERATE,
    summary: 'says whether a model that passed the gate may be promoted',
    load: async () => (await import('./commands/steer.js')).approve,
  },
  {
    name: 'schedule',
    group: OPERATE,
    summary: 'create, list, describe, pause, resume, trigger, backfill, update, delete',
    load: async () => (await import('./commands/schedule.js')).schedule,
  },
  {
    name: 'cancel',
    group: OPERATE,
    summary: 'stops a run, whatever it does',
    load: async () => (await import('./commands/cancel.js')).cancel,
  },
  {
    name: 'adapt',
    group: MODELS,
    summary: 'looks at new rows, and goes on from the champion where it is worth it',
    load: async () => (await import('./commands/adapt.js')).adapt,
  },
  {
    name: 'models',
    group: MODELS,
    summary: 'list, show, promote, rollback, history, card',
    load: async () => (await import('./commands/models.js')).models,
  },
  {
    name: 'codec-server',
    group: OPERATE,
    summary: "lets Temporal's UI read what is encrypted",
    load: async () => (await import('./commands/codecServer.js')).codecServer,
  },
  {
    name: 'predict',
    group: MODELS,
    summary: 'answers a table with a registered model',
    load: async () => (await import('./commands/predict.js')).predict,
  },
  {
    name: 'serve',
    group: MODELS,
    summary: 'answers over HTTP, and follows promotions',
    load: async () => (await import('./commands/serve.js')).serve,
  },
  {
    name: 'artifacts',
    group: KEEP,
    summary: 'list, lineage, verify, prune, forget a sample',
    load: async () => (await import('./commands/artifacts.js')).artifacts,
  },
];

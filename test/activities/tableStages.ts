import type { z } from 'zod';
import { clean } from '../../activities/clean.js';
import { ingest } from '../../activities/ingest.js';
import { CleanConfig, DatasetConfig } from '../../contracts/settings.js';
import type { StageOutput } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';

export type DatasetInput = z.input<typeof DatasetConfig>;
export type CleanInput = z.input<typeof CleanConfig>;
type Files = Readonly<Record<string, string | Uint8Array>>;

/** Columns `name` (text) and `label` (target) of t.csv; any row may be unreadable. */
export const plain: DatasetInput = {
  source: 't.csv',
  columns: { target: 'label', text: ['name'] },
  maxUnreadable: 1,
};

/** What a stage put out, as rows. */
export interface Tables {
  readonly output: StageOutput;
  readonly context: StageContext;
  readonly rows: Record<string, unknown>[];
  readonly quarantine: Record<string, unknown>[];
}

async function tables(output: StageOutput, context: StageContext): Promise<Tables> {
  const [dataset] = output.outputs['dataset']!;
  const [quarantine] = output.outputs['quarantine']!;
  return {
    ...{ output, context },
    rows: await tableRows(context.artifacts, dataset!),
    quarantine: await tableRows(context.artifacts, quarantine!),
  };
}

/** Ingests files that are in memory. */
export async function runIngest(
  files: Files,
  dataset: DatasetInput = plain,
  context = fakeStageContext(files),
): Promise<Tables> {
  const params = { dataset: DatasetConfig.parse(dataset) };
  return tables(await ingest.run({ path: 'ingest', seed: 42, params, inputs: {} }, context), context);
}

/** Ingests, then cleans. */
export async function runClean(files: Files, dataset: DatasetInput, rules: CleanInput = {}): Promise<Tables> {
  const { output, context } = await runIngest(files, dataset);
  const params = { dataset: DatasetConfig.parse(dataset), clean: CleanConfig.parse(rules) };
  return tables(
    await clean.run({ path: 'clean', seed: 42, params, inputs: output.outputs }, context),
    context,
  );
}

/** A CSV text of these lines. */
export const csv = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

import type { RunConfig } from '../config/runConfig.js';
import type { RunOne } from './encoder.js';
import type { StageRunner } from './stages.js';

/** What decides where files are read. */
export interface ReadingHost {
  readonly runner: StageRunner;
  /** Asked where a dataset may have several files. @default ingest reads them all itself */
  readonly readsApart?: () => boolean;
}

/** Has workers read the many files of a large dataset side by side; ingest then takes what each of them kept. */
export async function readApart(
  { runner, readsApart }: ReadingHost,
  run: RunOne,
  config: () => RunConfig,
): Promise<void> {
  if (!mayBeSeveral(config().dataset.source) || readsApart?.() !== true) return;
  const { figures } = await run('files', () => ({
    stage: 'fileShares',
    summary: `look how many files ${String(config().dataset.source)} has`,
    ...{ seed: config().seed, params: { dataset: config().dataset }, inputs: {}, fresh: true },
    ...tablesOn(config()),
  }));
  const of = Number(figures['shares']);
  if (of === 0) return;
  await runner.run('read', () =>
    Array.from({ length: of }, (_, index) => ({
      path: `read.${index}`,
      stage: 'ingest',
      summary: `read files, share ${index + 1} of ${of}`,
      ...{ seed: config().seed, params: { dataset: config().dataset, share: { index, of } }, inputs: {} },
      fresh: true,
    })),
  );
}

/** As core/ingest/patterns.ts says, which is out of a workflow's reach; a test compares the two. */
function mayBeSeveral(source: string | readonly string[]): boolean {
  const uris = [source].flat();
  return uris.length > 1 || uris.some((uri) => /[*?{]/.test(uri));
}

/** The engine of tables, where the configuration names one. */
export const tablesOn = ({ dataEngine }: RunConfig) => (dataEngine === undefined ? {} : { dataEngine });

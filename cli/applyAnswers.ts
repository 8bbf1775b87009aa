import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { readAnswers } from '../activities/readAnswers.js';
import { required, type RunTrace } from '../activities/runTrace.js';
import { refuseUnknownId } from '../core/relabel/answers.js';
import { newVersion } from '../core/relabel/newVersion.js';
import { gather, texts } from '../core/table.js';
import { count } from '../report/format.js';
import { fileNameOf, type Directories } from './directories.js';
import { CliError, EXIT } from './exit.js';
import { wrap } from './table.js';
import { checkTableFormat, writeTableFile } from './tableFile.js';
import type { Terminal } from './terminal.js';
import { withUserFiles } from './userFiles.js';

interface ApplyOptions {
  readonly answers: string;
  readonly out?: string;
  readonly by?: string;
  readonly where: Directories;
}

/** Writes the next version of a run's dataset with the labels that people found to be right, and a config that reads it. */
export async function applyAnswers(
  trace: RunTrace,
  { answers: file, out, by, where }: ApplyOptions,
  terminal: Terminal,
): Promise<number> {
  const path = resolve(out ?? join(where.data, `${fileNameOf(trace.runId)}-relabelled.csv`));
  const configPath = path.replace(/\.[^.]+$/u, '.yaml');
  checkTableFormat('--out', path);
  for (const one of [path, configPath]) refuseExisting(one);
  const ref = required(trace, 'ingest', 'dataset');
  const { columns } = await trace.artifacts.manifest(ref);
  const table = await gather(trace.artifacts.readTable(ref));
  const ids = texts(table, 'id') as readonly string[];
  const known = new Set(ids);
  const terms = {
    labels: [...new Set(texts(table, 'target') as readonly string[])].sort(),
    refuseId: (id: string): string | undefined => (known.has(id) ? undefined : refuseUnknownId(id, ids)),
  };
  const answers = await withUserFiles((sources) => readAnswers(file, sources, terms));
  const stamp = { by: by ?? userInfo().username, at: new Date().toISOString() };
  const made = newVersion(table, columns, trace.config.dataset, answers, stamp);
  await writeTableFile(made.columns, made.batch, path);
  writeFileSync(configPath, stringify(nextConfig(trace, path, made.dataset)), { flag: 'wx' });
  const { verified, changed } = made;
  const putAside = trace.shards.get('ingest')?.figures['quarantined'] ?? 0;
  terminal.json({
    ...{ runId: trace.runId, dataset: path, config: configPath, rows: made.batch.rows },
    ...{ verified, changed, putAside },
  });
  const words =
    `${count(verified)} labels verified: ${count(changed)} changed, ${count(verified - changed)} were right. ` +
    `All ${count(made.batch.rows)} rows are in ${path}` +
    (putAside === 0
      ? ''
      : `; ${count(Number(putAside))} that could not be read stay in the run's quarantine`);
  for (const line of wrap(words, terminal.columns)) terminal.line(line);
  terminal.aside('Train with them:');
  terminal.aside(`  assay run ${configPath} --watch`);
  return EXIT.ok;
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new CliError(`${path} is there already; datasets are never written over`, EXIT.usage, [
    'assay relabel … --out OTHER.csv',
  ]);
}

/** The run's own configuration over the new table: what it says of the old files, of joins and of planting noise, is over. */
function nextConfig(
  { config }: RunTrace,
  source: string,
  settings: ReturnType<typeof newVersion>['dataset'],
): object {
  const old = ['plantNoise', 'format', 'encoding', 'joins'];
  const dataset = Object.fromEntries(Object.entries(config.dataset).filter(([name]) => !old.includes(name)));
  return { ...config, dataset: { ...dataset, source, ...settings } };
}

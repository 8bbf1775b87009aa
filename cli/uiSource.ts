import { join } from 'node:path';
import { CHAMPION } from '../contracts/registry.js';
import { readDevState } from '../infra/devState.js';
import { openArtifacts } from '../storage/artifacts.js';
import { openStore } from '../storage/open.js';
import { openRegistry } from '../storage/registry.js';
import type { RunsSource, ShownModel, ShownRun } from '../ui/source.js';
import { leaderboardPage } from './leaderboardPage.js';
import type { Directories } from './directories.js';
import { finishedRecords, recall } from './records.js';
import { listRuns, outcomeOf, queryStatus } from './runClient.js';
import { openServer, type Server, type ServerOptions } from './server.js';

const LISTED = 200;
const ANSWER_WITHIN_MS = 3_000;

export interface UiSourceOptions extends ServerOptions {
  /** Address of Temporal's own UI. @default that of the `assay dev` of this folder */
  readonly temporalUi?: string;
}

/** What the page for runs shows: of the Temporal server where one answers, and of what this machine remembers. */
export async function openUiSource(
  where: Directories,
  options: UiSourceOptions,
): Promise<{ source: RunsSource; close(): Promise<void> }> {
  const store = await openStore(where.storeUri);
  const artifacts = openArtifacts(store, { scratchDirectory: join(where.root, 'scratch') });
  const registry = openRegistry(store);
  let server: Server | undefined;
  const connected = async (): Promise<Server> => (server ??= await openServer(options));
  const source: RunsSource = {
    async runs() {
      const remembered = rememberedRuns(where);
      try {
        const listed = await listRuns(await connected(), LISTED);
        const known = new Set(listed.map(({ runId }) => runId));
        const runs = listed.map(({ runId, status, stage, round, metric, startedAt, endedAt }): ShownRun => ({
          ...{ runId, stage, round, metric, startedAt, endedAt },
          ...{ state: status, hasReport: status === 'completed' },
        }));
        return { runs: [...runs, ...remembered.filter(({ runId }) => !known.has(runId))] };
      } catch (error) {
        server = undefined; // asked again next time
        const why = error instanceof Error ? error.message : String(error);
        return {
          runs: remembered,
          complaint: `Only what this machine remembers is shown: ${why}. Start one: assay dev`,
        };
      }
    },
    status: async (runId) =>
      recall(where, runId)?.outcome
        ? undefined
        : server && (await queryStatus(server, runId, ANSWER_WITHIN_MS)),
    report: async (runId) => {
      const outcome = recall(where, runId)?.outcome ?? (server && (await outcomeOf(server, runId)));
      if (!outcome || 'error' in outcome) return undefined;
      const [report] = outcome.outputs['report'] ?? [];
      const [board] = outcome.outputs['leaderboard'] ?? [];
      if (report) return artifacts.readBlob(report);
      return board && leaderboardPage(artifacts, board);
    },
    models: async () => {
      const names = await registry.names();
      return Promise.all(
        names.map(async (name): Promise<ShownModel> => {
          const moves = (await registry.moves(name)).filter(({ alias }) => alias === CHAMPION).reverse();
          return {
            name,
            champion: moves[0] ? `${name}@${moves[0].version}` : null,
            moves: moves.map(({ version, at, by, why }) => ({ version: `${name}@${version}`, at, by, why })),
          };
        }),
      );
    },
    temporalUrl: (runId) => {
      const dev = readDevState(where.root);
      const uiUrl = options.temporalUi ?? dev?.uiUrl;
      if (uiUrl === undefined) return undefined;
      const given = server?.namespace ?? options.namespace ?? process.env['TEMPORAL_NAMESPACE'];
      const namespace = (options.temporalUi === undefined ? dev?.namespace : given) || 'default';
      const path = `namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(runId)}`;
      return `${uiUrl.replace(/\/+$/, '')}/${path}`;
    },
  };
  return { source, close: async () => server?.close() };
}

/** Finished runs that this machine started or watched to their end. */
function rememberedRuns(where: Directories): ShownRun[] {
  return finishedRecords(where).map(({ runId, outcome }) => ({
    ...{ runId, state: outcome?.state ?? 'completed', stage: '', round: null, metric: null },
    ...{ startedAt: null, endedAt: null, hasReport: true },
  }));
}

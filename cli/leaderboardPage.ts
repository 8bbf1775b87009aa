import type { ArtifactRef } from '../contracts/artifact.js';
import { Leaderboard } from '../contracts/benchmark.js';
import type { ArtifactStore } from '../contracts/store.js';

/** A benchmark's leaderboard as a page. The chart library is loaded only here. */
export async function leaderboardPage(artifacts: ArtifactStore, ref: ArtifactRef): Promise<Uint8Array> {
  const { renderLeaderboard } = await import('../report/renderLeaderboard.js');
  const text = new TextDecoder().decode(await artifacts.readBlob(ref));
  return new TextEncoder().encode(renderLeaderboard(Leaderboard.parse(JSON.parse(text))));
}

import type { ObjectStore } from '../../contracts/store.js';
import { startChild, type Target } from './processes.js';

/** How processes that created the same keys at once came off. */
export interface Raced {
  readonly rounds: number;
  /** Rounds that each process won. */
  readonly won: readonly number[];
  /** Rounds with no winner, several, or one whose object is another's. */
  readonly wrong: readonly number[];
}

/** Lets two processes create the same keys at the same time. */
export async function raceWriters(store: ObjectStore, target: Target, rounds: number): Promise<Raced> {
  const names = ['a', 'b'];
  const children = await Promise.all(names.map((name) => startChild(target, 'race', name, String(rounds))));
  const begin = Date.now() + 50;
  const wins = await Promise.all(
    children.map(async (child) => {
      let text = '';
      child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin!.end(String(begin));
      await ended;
      return new Set(JSON.parse(text) as number[]);
    }),
  );
  const wrong: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const winners = names.filter((_, i) => wins[i]!.has(round));
    const held = Buffer.from(await store.get(`race/${String(round)}`)).toString();
    if (winners.length !== 1 || winners[0] !== held) wrong.push(round);
  }
  return { rounds, won: wins.map((rounds_) => rounds_.size), wrong };
}

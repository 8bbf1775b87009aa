import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CsrMatrix } from '../contracts/matrix.js';
import {
  TfidfLearner,
  tfidfTransformer,
  type TfidfCounts,
  type TfidfSettings,
  type TfidfVocabulary,
} from '../core/text/tfidf.js';
import type { TextAnswer, TextOrder } from './textOrders.js';

type Blocks = Iterable<readonly string[]> | AsyncIterable<readonly string[]>;

/** Blocks that a thread may have: one is worked on while the next is on its way. */
const WAITING = 2;

/**
 * Learns the terms of texts that come in blocks and are not kept, each block on one of so many threads, of which this is
 * one: what {@link TfidfLearner} learns of them, however many there are.
 *
 * @param threads at least 1
 */
export async function learnTfidf(
  blocks: Blocks,
  settings: TfidfSettings,
  threads: number,
): Promise<TfidfVocabulary> {
  const others = startThreads(threads - 1);
  try {
    for (const thread of others) thread.tell({ do: 'learn', settings });
    const learner = new TfidfLearner(settings);
    for await (const texts of blocks) {
      const free = await freeOf(others);
      if (free) free.tell({ do: 'add', texts });
      else learner.add(texts);
    }
    const counts = others.map((thread) => thread.ask({ do: 'counts' }));
    for (const [i, found] of counts.entries())
      learner.absorb((await found) as TfidfCounts, i === counts.length - 1);
    return learner.vocabulary();
  } finally {
    await closed(others);
  }
}

/** Weighs texts by a learned vocabulary as {@link tfidfTransformer} does: a matrix for each block, in the order of the blocks. */
export async function* weighTfidf(
  blocks: Blocks,
  vocabulary: TfidfVocabulary,
  threads: number,
): AsyncGenerator<CsrMatrix> {
  const others = startThreads(threads - 1);
  try {
    for (const thread of others) thread.tell({ do: 'weighBy', vocabulary });
    const transform = tfidfTransformer(vocabulary);
    const under: (Promise<TextAnswer> | CsrMatrix)[] = [];
    for await (const texts of blocks) {
      const free = await freeOf(others);
      under.push(free ? free.ask({ do: 'weigh', texts }) : transform(texts));
      if (under.length > WAITING * others.length) yield (await under.shift()) as CsrMatrix;
    }
    for (const matrix of under) yield (await matrix) as CsrMatrix;
  } finally {
    await closed(others);
  }
}

const startThreads = (count: number) => Array.from({ length: count }, () => new TextThread());
const closed = (threads: readonly TextThread[]) => Promise.all(threads.map((thread) => thread.close()));

/** A thread that has room for a block; undefined where this one is to do it. @throws what a thread has failed with */
async function freeOf(others: readonly TextThread[]): Promise<TextThread | undefined> {
  if (others.length > 0) await setImmediate(); // answers that have come are taken
  return others.find((thread) => thread.hasRoom());
}

interface Asked {
  readonly answered: (answer: TextAnswer) => void;
  readonly failed: (error: unknown) => void;
}

/** From source, as tests run, threads don't learn of the loader by themselves. */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./textThread.js', import.meta.url));
  const module = JSON.stringify(new URL('./textThread.ts', import.meta.url).href);
  return new Worker(`import('tsx/esm/api').then(({ tsImport }) => tsImport(${module}, ${module}))`, {
    eval: true,
  });
}

/** A thread that answers in turn. */
class TextThread {
  readonly #worker = startThread();
  readonly #asked: Asked[] = [];
  #failure: unknown;

  constructor() {
    this.#worker.on('message', (answer: TextAnswer) => this.#asked.shift()?.answered(answer));
    this.#worker.on('error', (error) => {
      this.#failure = error;
      for (const { failed } of this.#asked.splice(0)) failed(error);
    });
  }

  ask(order: TextOrder): Promise<TextAnswer> {
    const answer = new Promise<TextAnswer>((answered, failed) => {
      if (this.#failure === undefined) this.#asked.push({ answered, failed });
      else failed(this.#failure);
    });
    answer.catch(() => undefined); // whoever asked awaits it, maybe later
    this.#worker.postMessage(order);
    return answer;
  }

  /** Asks, and does not wait: what fails, the next question tells. */
  tell(order: TextOrder): void {
    void this.ask(order);
  }

  hasRoom(): boolean {
    if (this.#failure !== undefined) throw this.#failure as Error;
    return this.#asked.length < WAITING;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

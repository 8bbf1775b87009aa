import { Worker } from 'node:worker_threads';
import type { CsrMatrix } from '../contracts/matrix.js';
import {
  TfidfLearner,
  tfidfTransformer,
  type TfidfCounts,
  type TfidfSettings,
  type TfidfVocabulary,
} from '../core/text/tfidf.js';
import { buffersOf, type TextAnswer, type TextOrder } from './textOrders.js';

type Blocks = Iterable<readonly string[]> | AsyncIterable<readonly string[]>;

/** Blocks that a thread may have waiting: one is worked on while the next is on its way. */
const WAITING = 2;

/**
 * Learns the terms of texts that come in blocks and are not kept, each block on one of so many threads: what
 * {@link TfidfLearner} learns of them, however many there are.
 *
 * @param threads 1: none but this one
 */
export async function learnTfidf(
  blocks: Blocks,
  settings: TfidfSettings,
  threads: number,
): Promise<TfidfVocabulary> {
  if (threads === 1) {
    const learner = new TfidfLearner(settings);
    for await (const texts of blocks) learner.add(texts);
    return learner.vocabulary();
  }
  return withThreads(threads, async (pool) => {
    await Promise.all(pool.map((thread) => thread.ask({ do: 'learn', settings })));
    let next = 0;
    for await (const texts of blocks) {
      const thread = pool[next++ % pool.length]!;
      await thread.hasRoom();
      thread.tell({ do: 'add', texts });
    }
    const [first, ...others] = pool;
    for (const thread of others) {
      const counts = (await thread.ask({ do: 'counts' })) as TfidfCounts;
      await first!.ask({ do: 'absorb', counts }, buffersOf(counts));
    }
    return (await first!.ask({ do: 'vocabulary' })) as TfidfVocabulary;
  });
}

/** Weighs texts by a learned vocabulary as {@link tfidfTransformer} does: a matrix for each block, in the order of the blocks. */
export async function* weighTfidf(
  blocks: Blocks,
  vocabulary: TfidfVocabulary,
  threads: number,
): AsyncGenerator<CsrMatrix> {
  if (threads === 1) {
    const transform = tfidfTransformer(vocabulary);
    for await (const texts of blocks) yield transform(texts);
    return;
  }
  const pool = Array.from({ length: threads }, () => new TextThread());
  try {
    await Promise.all(pool.map((thread) => thread.ask({ do: 'weighBy', vocabulary })));
    const under: Promise<TextAnswer>[] = [];
    let next = 0;
    for await (const texts of blocks) {
      under.push(pool[next++ % pool.length]!.ask({ do: 'weigh', texts }));
      if (under.length === WAITING * pool.length) yield (await under.shift()) as CsrMatrix;
    }
    for (const matrix of under) yield (await matrix) as CsrMatrix;
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
}

async function withThreads<T>(count: number, work: (pool: readonly TextThread[]) => Promise<T>): Promise<T> {
  const pool = Array.from({ length: count }, () => new TextThread());
  try {
    return await work(pool);
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
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
  #last: Promise<TextAnswer> = Promise.resolve(undefined);
  #before: Promise<TextAnswer> = Promise.resolve(undefined);
  #failure: unknown;

  constructor() {
    this.#worker.on('message', (answer: TextAnswer) => this.#asked.shift()?.answered(answer));
    this.#worker.on('error', (error) => {
      this.#failure = error;
      for (const { failed } of this.#asked.splice(0)) failed(error);
    });
  }

  ask(order: TextOrder, handed: ArrayBuffer[] = []): Promise<TextAnswer> {
    const answer = new Promise<TextAnswer>((answered, failed) => {
      if (this.#failure === undefined) this.#asked.push({ answered, failed });
      else failed(this.#failure);
    });
    answer.catch(() => undefined); // whoever asked awaits it, maybe later
    this.#worker.postMessage(order, handed);
    this.#before = this.#last;
    this.#last = answer;
    return answer;
  }

  /** Asks, and does not wait: what fails, the next question tells. */
  tell(order: TextOrder): void {
    void this.ask(order);
  }

  /** When all but the last question are answered. */
  async hasRoom(): Promise<void> {
    await this.#before;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

import { z } from 'zod';
import { Sha256 } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { Checkpoint } from '../contracts/model.js';
import type { CheckpointSlot, ObjectStore } from '../contracts/store.js';
import { sha256 } from './hash.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

const KEPT = 2;
const NUMBER_DIGITS = 9;
const NAME = /\/(\d+)\.json$/;

/** Names a checkpoint; written after its data. */
const CheckpointName = z.object({ sha256: Sha256, position: z.number() });
type CheckpointName = z.infer<typeof CheckpointName>;

/**
 * Where the checkpoints of one stage lie: `checkpoints/<stageKey>/<number>.json`, create-only, each naming a safetensors
 * object. A checkpoint is uploaded whole before it is named, so that whatever dies in between leaves the one before.
 */
export function openCheckpointSlot(store: ObjectStore, stageKey: Sha256): CheckpointSlot {
  return new Slot(store, `checkpoints/${stageKey}`);
}

class Slot implements CheckpointSlot {
  constructor(
    private readonly store: ObjectStore,
    private readonly base: string,
  ) {}

  /** The newest one that is whole. */
  async load(): Promise<Checkpoint | undefined> {
    for (const number of (await this.numbers()).reverse()) {
      const checkpoint = await this.read(number);
      if (checkpoint !== undefined) return checkpoint;
    }
    return undefined;
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    const { position, tensors } = checkpoint;
    const body = encodeSafetensors(tensors, { position: String(position) });
    const name: CheckpointName = { sha256: sha256(body), position };
    await this.store.put(this.dataKey(name), body);
    const numbers = await this.numbers();
    let number = (numbers.at(-1) ?? 0) + 1;
    // An earlier attempt of the same stage may still be writing.
    while (
      (await this.store.putIfAbsent(this.nameKey(number), Buffer.from(JSON.stringify(name)))) === undefined
    ) {
      number++;
    }
    await this.prune([...numbers, number]);
  }

  /** Removes all but the last ones: the name first, then what only it named. */
  private async prune(numbers: readonly number[]): Promise<void> {
    const kept = await Promise.all(numbers.slice(-KEPT).map((number) => this.name(number)));
    for (const number of numbers.slice(0, -KEPT)) {
      const name = await this.name(number);
      await this.store.delete(this.nameKey(number));
      const shared = kept.some((other) => other?.sha256 === name?.sha256);
      if (name !== undefined && !shared) await this.store.delete(this.dataKey(name));
    }
  }

  private async read(number: number): Promise<Checkpoint | undefined> {
    const name = await this.name(number);
    if (name === undefined) return undefined;
    const body = await this.fetch(this.dataKey(name));
    if (body === undefined || sha256(body) !== name.sha256) return undefined;
    const { tensors } = decodeSafetensors(body);
    return { position: name.position, tensors };
  }

  private async name(number: number): Promise<CheckpointName | undefined> {
    const body = await this.fetch(this.nameKey(number));
    if (body === undefined) return undefined;
    try {
      return CheckpointName.parse(JSON.parse(new TextDecoder().decode(body)));
    } catch (error) {
      // Damaged: the one before is asked then.
      if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }

  /** Undefined where there is no such object (any more). */
  private async fetch(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.store.get(key);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Ascending. */
  private async numbers(): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { key } of this.store.list(`${this.base}/`)) {
      const found = NAME.exec(key)?.[1];
      if (found !== undefined) numbers.push(Number(found));
    }
    return numbers.sort((a, b) => a - b);
  }

  private nameKey(number: number): string {
    return `${this.base}/${String(number).padStart(NUMBER_DIGITS, '0')}.json`;
  }

  private dataKey(name: CheckpointName): string {
    return `${this.base}/data/${name.sha256}.safetensors`;
  }
}
